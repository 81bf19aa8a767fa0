import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { run } from '../src/cli/run.ts';
import { FIXTURES, walk } from './support/fixtures.ts';
import { describedHost, testWorld } from './support/world.ts';

/** A case of the other fixtures can have such a file beside a config. */
const cases = readdirSync(FIXTURES).filter(
  (name) => existsSync(`${FIXTURES}${name}/llama.toml`) && name.startsWith('llama-'),
);

type Call = {
  readonly env?: Readonly<Record<string, string>>;
  readonly arguments?: readonly string[];
};

/** How a case is called, beside its file. */
function callOf(name: string): Call {
  const path = `${FIXTURES}${name}/call.json`;
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
}

async function answerTo(name: string, argv: readonly string[]) {
  const { env = {}, arguments: more = [] } = callOf(name);
  const world = testWorld(describedHost(), { cwd: FIXTURES + name, env });
  const code = await run([...argv, ...more], world);
  return { code, out: world.out(), err: world.err() };
}

function resolved(name: string) {
  return answerTo(name, ['llama', 'resolve', '--config', 'llama.toml']);
}

test.for(cases)('%s is resolved, or refused, exactly as expected', async (name) => {
  const { code, out, err } = await resolved(name);
  const root = `${FIXTURES}${name}/expected`;
  const produced = new Map([['stderr.txt', `${err}exit code ${code}\n`]]);
  if (out !== '') produced.set('resolve.json', out);
  for (const [path, text] of produced) {
    await expect(text).toMatchFileSnapshot(`${root}/${path}`);
  }
  expect(walk(root).filter((path) => !produced.has(path))).toEqual([]);
});

/** What says the most in another form. */
const exported = [
  'contract-example',
  'extra-args',
  'gpu-ids',
  'hosts',
  'secrets',
  'shards',
  'values',
];
const formats = { 'llama-server-presets': 'presets.ini', 'llama-swap': 'llama-swap.yaml' };

test.for(exported)('llama-%s is exported, or refused, exactly as expected', async (name) => {
  for (const [format, file] of Object.entries(formats)) {
    const argv = ['llama', 'export', '--config', 'llama.toml', '--format', format];
    const { code, out, err } = await answerTo(`llama-${name}`, argv);
    const root = `${FIXTURES}llama-${name}/exported`;
    await expect(`${out}---\n${err}exit code ${code}\n`).toMatchFileSnapshot(`${root}/${file}.txt`);
    expect(out === '').toBe(code !== 0);
    expect(out + err).not.toMatch(/secret-\d|sk-secret/);
  }
});

test('nothing else is expected of an export', () => {
  const files = Object.values(formats)
    .map((file) => `${file}.txt`)
    .sort();
  for (const name of cases) {
    const isExported = exported.some((one) => name === `llama-${one}`);
    expect(walk(`${FIXTURES}${name}/exported`), name).toEqual(isExported ? files : []);
  }
});

test('bad files, and only those, end with exit code 3 and print nothing on standard output', async () => {
  for (const name of cases) {
    const { code, out } = await resolved(name);
    expect([name, code, out === ''], name).toEqual(
      name.startsWith('llama-bad-') ? [name, 3, true] : [name, 0, false],
    );
  }
});

test('no output of any case has a secret in it', async () => {
  for (const name of cases) {
    const { out, err } = await resolved(name);
    expect(out + err, name).not.toMatch(/secret-\d|sk-secret/);
  }
});
