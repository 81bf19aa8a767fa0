import { expect, test } from 'vitest';
import { type Talking, talk } from '../src/host/spawn.ts';

const env = { PATH: process.env['PATH'] };

/** Runs a shell that is given a text, and keeps what it says. */
async function conversation(script: string, input: string) {
  const said = { stdout: '', stderr: '' };
  const onOutput = (from: 'stdout' | 'stderr', chunk: Uint8Array) => {
    said[from] += Buffer.from(chunk).toString();
  };
  const talking = await talk(['sh', '-c', script], { env, input, onOutput });
  if ('why' in talking) throw new Error(talking.why);
  return { ...talking, said } satisfies Talking & { readonly said: typeof said };
}

test('a program is given a text, and its standard input stays open until it is ended', async () => {
  const { said, endInput, ended } = await conversation(
    'read line; echo "$line"; cat; exit 4',
    'a\nb',
  );
  await expect.poll(() => said.stdout).toBe('a\nb');
  endInput();
  expect(await ended).toEqual({ exitCode: 4, signal: null });
});

test('both of its outputs are heard, and told to be over when nobody holds them', async () => {
  const { said, closed } = await conversation('echo out; echo err >&2', '');
  await closed;
  expect(said).toEqual({ stdout: 'out\n', stderr: 'err\n' });
});

test('output that somebody else holds open is let go', async () => {
  const { said, closed, closeOutput, ended, signal } = await conversation(
    'sleep 300 & echo on',
    '',
  );
  expect(await ended).toEqual({ exitCode: 0, signal: null });
  await expect.poll(() => said.stdout).toBe('on\n');
  expect(signal(0)).toBe(true);
  closeOutput();
  await closed;
  signal('SIGKILL');
  await expect.poll(() => signal(0)).toBe(false);
});

test('a program that does not read what it is given is no failure', async () => {
  const { ended } = await conversation('exit 0', 'x'.repeat(1_000_000));
  expect(await ended).toEqual({ exitCode: 0, signal: null });
});

test('a program that is not there is told', async () => {
  const options = { env, input: '', onOutput: () => undefined };
  expect(await talk(['no-such-program'], options)).toEqual({
    why: expect.stringContaining('ENOENT'),
  });
});
