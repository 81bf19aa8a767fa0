import { expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { describedHost, testWorld } from '../support/world.ts';

const formats = ['llama-server-presets', 'llama-swap'];
const small = '[instance.a.server]\nmodel = "/m.gguf"\nport = 8080\n';

async function exported(text: string, ...argv: readonly string[]) {
  const world = testWorld(describedHost(), {
    readConfigFile: () => ({ kind: 'bytes', bytes: Buffer.from(text) }),
  });
  const code = await run(['llama', 'export', '--config', 'x', ...argv], world);
  return { code, out: world.out(), err: world.err() };
}

test.for(formats)('%s is printed alone, and notes go to standard error', async (format) => {
  const { code, out, err } = await exported(small, '--format', format);
  expect(code).toBe(0);
  expect(out).toContain('/m.gguf');
  expect(out).not.toContain('note:');
  expect(err).toMatch(/^note: /);
});

test.for(formats)('of a bad file there is no %s', async (format) => {
  expect(await exported(`${small}port = 0\n`, '--format', format)).toMatchObject({
    code: 3,
    out: '',
  });
});

test('of a file that is switched off there is an empty one', async () => {
  const off = `[master]\nenable = false\n${small}`;
  expect((await exported(off, '--format', 'llama-server-presets')).out).toBe('');
  expect((await exported(off, '--format', 'llama-swap')).out).toBe('models: {}\n');
});

test('what cannot be said is told at its place, all of it, and nothing is printed', async () => {
  const text = `${small}grammar = "a;b"\nsamplers = "c;d"\n`;
  const { code, out, err } = await exported(text, '--format', 'llama-server-presets');
  expect([code, out]).toEqual([3, '']);
  expect(err).toContain('error[llama-export]: instance.a.server.grammar: ');
  expect(err).toContain('--> x:5:12');
});

test('a format has to be one of the two', async () => {
  expect(await exported(small)).toMatchObject({ code: 64, out: '' });
  const { code, err } = await exported(small, '--format', 'toml');
  expect(code).toBe(64);
  expect(err).toContain('llama-swap');
});
