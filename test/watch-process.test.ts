import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installed } from './support/call.ts';
import { bundleProgram, startProgram } from './support/program.ts';

const built = fileURLToPath(new URL('../dist/vllmd.mjs', import.meta.url));
const program = [process.execPath, built];
const directory = mkdtempSync(`${tmpdir()}/vllmd-watch-`);
const hanging = `${directory}/hanging.mjs`;
const pidFile = `${directory}/pid`;

beforeAll(async () => {
  expect(existsSync(built), 'dist/vllmd.mjs: npm run build').toBe(true);
  // A machine with the example on it, whose systemctl never answers, and does not end when it is asked to.
  const entries = JSON.stringify([...(await installed()).entries]);
  const script = 'trap "" TERM; echo $$ >"$0"; sleep 1000';
  const argv = JSON.stringify(['sh', '-c', script, pidFile]);
  await bundleProgram(
    `
    import { run } from './src/cli/run.ts';
    import { createMemoryHost } from './src/host/memory-host.ts';
    import { realWorld } from './src/host/real-world.ts';
    import { spawn } from './src/host/spawn.ts';
    const machine = createMemoryHost({ entries: new Map(${entries}) });
    const query = (until) => spawn(${argv}, 60000, { until });
    const host = (_root, until) => ({ ...machine, query: () => query(until) });
    process.exitCode = await run(process.argv.slice(2), { ...realWorld(process), uid: 0, host });
    `,
    hanging,
  );
});
afterAll(() => rmSync(directory, { recursive: true }));

/** What a shell writes to descriptor 4. */
async function inShell(script: string, ...words: readonly string[]): Promise<string> {
  const child = spawn('sh', ['-c', script, 'sh', ...words], {
    stdio: ['ignore', 'ignore', 'inherit', 'ignore', 'pipe'],
  });
  let text = '';
  child.stdio[4]?.on('data', (data) => {
    text += data;
  });
  await once(child, 'close');
  return text;
}

test.for([[[]], [['--json']]] as const)(
  'a watch (%j) whose reader has seen enough ends by itself, though nothing changes',
  async ([more]) => {
    const script = '{ "$@"; echo "ended with $?" >&4; } | head -n 1 >/dev/null';
    expect(await inShell(script, ...program, 'status', '--watch', '1h', ...more)).toBe(
      'ended with 0\n',
    );
  },
);

test('who reads a watch sees its end', async () => {
  const script = [
    'pipe=$1; shift; mkfifo "$pipe"',
    '"$@" >"$pipe" & exec 5<"$pipe"; read -r line <&5',
    'kill $!; wait $!; echo "ended with $?" >&4',
    'cat <&5 >/dev/null; echo "no more" >&4',
  ].join('\n');
  const text = await inShell(script, `${directory}/pipe`, ...program, 'status', '--watch', '1h');
  expect(text).toBe('ended with 143\nno more\n');
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 20));
}

function pidOfHanging(): number {
  return existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) : 0;
}

test.for([
  ['SIGINT', 0],
  ['SIGTERM', 143],
  ['SIGHUP', 0],
] as const)(
  '%s ends a watch whose look at the host hangs, and what it has started for that',
  async ([signal, code]) => {
    rmSync(pidFile, { force: true });
    const child = startProgram([hanging, 'status', '--watch']);
    await until(() => pidOfHanging() > 0);
    const pid = pidOfHanging();
    process.kill(child.pid, signal);
    expect(await child.end()).toBe(code);
    await until(() => !existsSync(`/proc/${pid}`));
  },
);
