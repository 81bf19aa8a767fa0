import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const folder = join(import.meta.dirname, '../scripts/bench');

/** What a line of a script beside the benchmark prints, and how it ends. */
function measured(file: string, line: string) {
  const script = `import * as bench from ${JSON.stringify(join(folder, file))};\n${line}`;
  const argv = ['--input-type=module', '-e', script];
  return spawnSync(process.execPath, argv, { encoding: 'utf8' });
}

test.each(['wallMs', 'usage'])('%s takes no program for fast that ends early', (name) => {
  const failing = `[process.execPath, '-e', 'process.exitCode = 3']`;
  const { status, stderr } = measured('measure.mjs', `bench.${name}(${failing})`);
  expect(status).not.toBe(0);
  expect(stderr).toContain('ended with 3');
});

test('more instructions than were recorded are told and fail, and a command that was never recorded too', () => {
  const more = `console.log(bench.isWithin({ 'vllmd --version': 1e12, 'vllmd unknown': 1e12 }))`;
  const { stdout, stderr } = measured('baseline.mjs', more);
  expect(stdout).toMatch(/^false$/m);
  if (process.version.startsWith('v20.')) {
    expect(stderr).toMatch(
      /^vllmd --version: 1000000 million instructions, recorded are \d+\nvllmd unknown: 1000000 million instructions, not recorded\n$/,
    );
  } else {
    expect(stderr).toContain('nothing is recorded for a Node.js like');
  }
});

test('what stands for a dry run without vllmd does that work: the environment of each runtime of the example', () => {
  const argv = [join(folder, 'plain.sh'), 'fixtures/contract-example/vllmd.toml'];
  const { status, stdout, stderr } = spawnSync('bash', argv, { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout.match(/^\+[A-Z].*$/gm)).toEqual([
    '+VLLMD_RUNTIME_NAME=runtime-1',
    '+VLLMD_RUNTIME_GPUS=0000:01:00.0',
    '+VLLMD_RUNTIME_MEMORY=32G',
    '+VLLMD_RUNTIME_CPUS=8',
    '+VLLMD_RUNTIME_NAME=runtime-2',
    '+VLLMD_RUNTIME_GPUS=0000:02:00.0',
    '+VLLMD_RUNTIME_MEMORY=16G',
    '+VLLMD_RUNTIME_CPUS=4',
  ]);
});
