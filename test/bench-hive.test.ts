import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('the benchmark of the router runs, and no request of it fails', async () => {
  const short = ['--row-s', '0.1', '--rounds', '1', '--soak-s', '0.5', '--services', '100'];
  const argv = ['scripts/bench-hive.mjs', '--connections', '4', ...short];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, argv);
  expect(stderr).toBe('');
  const names = stdout.split('\n').flatMap((line) => /^(\w+, .*?) {2}/.exec(line)?.[1] ?? []);
  expect(names).toEqual([
    ...['chat, direct', 'chat, router', 'stream, direct', 'stream, router'],
    ...['chat, direct', 'chat, router, 100 services', 'match, 1 service', 'match, 100 services'],
  ]);
  expect(stdout).toMatch(/^soak of 0\.5 s, .*\nshorter than 20 s: /m);
});
