import { expect, test } from 'vitest';
import { fleet } from '../support/fleet.ts';

const LINES = ['-----BEGIN KEY-----', 'Q0pWzz1', 'Q0pWzz2', 'Q0pWzz3', 'Q0pWzz4', 'Q0pWzz5', 'Q0='];
const KEY = LINES.join('\n');
/** Its beginning falls to the cut, and the lines are too short to count as secrets of their own. */
const telling = 'printf "%s\\n" "$TLS_KEY" last >&2';

test('a secret of several lines is in nothing that select says of a command that failed', async () => {
  const it = await fleet({
    backend: { env: { TLS_KEY: KEY }, apply_cmd: `${telling}; exit 5`, verify_cmd: 'true' },
  });
  const asked = await it.select('--model', 'one', '--json');
  const { code, err } = await it.select('--model', 'one');
  expect(code).toBe(4);
  expect(err).toContain('exit code 5\n[REDACTED]\nlast\n');
  for (const text of [asked.out, asked.err, err]) expect(text).not.toContain('Q0');
});

test('a secret of several lines is in nothing that select shows of a log', async () => {
  const it = await fleet({
    models: { one: { start_cmd: `${telling}; exit 3` } },
    backend: { env: { TLS_KEY: KEY } },
  });
  const asked = await it.select('--model', 'one', '--json');
  const { err } = await it.select('--model', 'one');
  expect(err).toContain('exit code 3\n[REDACTED]\nlast\n');
  for (const text of [asked.out, asked.err, err]) expect(text).not.toContain('Q0');
});

test('a secret that is a common word hides none of the words of vllmd', async () => {
  const it = await fleet({
    backend: {
      env: { NCCL_KEY: 'here', DB_PASS: 'step', TOKENIZERS_PARALLELISM: 'false', OMP_PASSIVE: '1' },
      apply_cmd: 'echo "false here at 127.0.0.1" >&2; exit 1',
    },
  });
  const { code, err } = await it.select('--model', 'one');
  expect(code).toBe(4);
  expect(err).toContain('  Apply backend cpu on here... ✗\n');
  expect(err).toContain('exit code 1\nfalse [REDACTED] at 127.0.0.1\n');
  const asked = await it.select('--model', 'one', '--json');
  const { execute } = JSON.parse(asked.out);
  expect(execute.error).toBe(
    'Step failed: apply_backend on here\nexit code 1\nfalse [REDACTED] at 127.0.0.1',
  );
  const planned = await it.select('--model', 'one', '--dry-run', '-v');
  expect(planned.out).toContain('  host here is the first in the file');
  expect(planned.out).toContain("curl -sf http://'127.0.0.1':");
});

test('the path of a key is in nothing that a command shows, be it what `~/` of it stands for', async () => {
  const HOME = '/nowhere/of-somebody';
  const telling = `echo ${HOME}/keys/planted-id; echo "${HOME}/keys/planted-id: no such file" >&2`;
  const it = await fleet({
    env: { HOME },
    hosts: {
      here: {
        connection: { key_path: '~/keys/planted-id' },
        health: { check_cmd: `${telling}; exit 3` },
      },
    },
    backend: {
      env: { OF_KEY: 'x', WAY: `${HOME}/keys/planted-id` },
      args: ['--identity', `${HOME}/keys/planted-id`],
      verify_cmd: `${telling}; test -z "$FAILS"`,
    },
    models: {
      one: { source: `${HOME}/keys/planted-id` },
      two: { start_cmd: `${telling}; exit 3` },
    },
  });
  const calls = [
    ['hosts', 'show', 'here', '--json'],
    ['hosts', 'test', 'here'],
    ['hosts', 'test', 'here', '--json'],
    ['hosts', 'doctor'],
    ['hosts', 'doctor', '--json'],
    ['backends', 'show', 'cpu'],
    ['models', 'show', 'two'],
    ['select', '--model', 'one', '--dry-run', '-v'],
    ['select', '--model', 'one', '--dry-run', '--json'],
    ['select', '--model', 'one', '--json'],
    ['select', 'status', '--json'],
    ['select', 'status', '--check'],
    ['select', '--model', 'two'],
    ['select', '--model', 'two', '--json'],
  ];
  for (const words of calls) {
    const { out, err } = await it.call(...words);
    expect([words, (out + err).includes('planted-id')]).toEqual([words, false]);
    expect([words, out + err]).toEqual([words, expect.not.stringMatching(/^$/)]);
  }
});
