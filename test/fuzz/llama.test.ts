import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { llamaExport } from '../../src/cli/commands/llama-export.ts';
import { llamaResolve } from '../../src/cli/commands/llama-resolve.ts';
import { llamaValidate } from '../../src/cli/commands/llama-validate.ts';
import { run } from '../../src/cli/run.ts';
import type { Mode } from '../../src/core/config/mode.ts';
import { exitCodes, VllmdError } from '../../src/core/failure.ts';
import { loadLlama } from '../../src/core/llama/load.ts';
import { serverOptions } from '../../src/core/llama/options/server-options.gen.ts';
import { FIXTURES } from '../support/fixtures.ts';
import { largeInput, mutatedFrom, randomBytes } from '../support/mutations.ts';
import { readmeTells, tally } from '../support/tally.ts';
import { expectPlaces, expectSafe } from '../support/tried.ts';
import { describedHost, type TestWorld, testWorld } from '../support/world.ts';

const tried = tally('inputs tried');
/** The same inputs in each run; what is found with others is printed with its seed. */
const SEED = 20_261_126;
/** Some twenty seconds on a quiet machine; this ends what hangs. */
const LIMIT = { timeout: 300_000 };

const readTable = () => ({ why: 'does not exist' });
const host = describedHost();

const files = readdirSync(FIXTURES)
  .map((name) => `${FIXTURES}${name}/llama.toml`)
  .filter((path) => existsSync(path))
  .map((path) => readFileSync(path));

const flags = serverOptions.flatMap(({ names }) => names);
const mutated = mutatedFrom({
  configs: files,
  isValid: (bytes) => loadLlama(bytes, { mode: 'strict', readTable }).result.ok,
  values: [
    ...['"0,1"', '"all"', '"ALL"', '8080', '0', '65536', '"on"', '["a", "b"]', '[[1]]', '-0.0'],
    ...['"/m-00002-of-00003.gguf"', '["--api-key", "k"]', '["--port", "8080"]', '["--port=1"]'],
  ],
  lines: [
    ...flags.map((flag) => `${flag.replace(/^-+/, '').replaceAll('-', '_')} = true`),
    ...['[instance.7.server]', '[instance.a.1.server]', '[instance]', '[[instance]]', '[master]'],
    ...['[instance."a b".server]', '[instance.__proto__.server]', '[instance.control.server]'],
    ...['instance.x = 1', 'instance.7.server.port = 1', 'extra_args = ["-m", "/m", "stray"]'],
    ...['option_table = "x"', 'enable = false', 'api_key = "k"', '[instance.server.server]'],
  ],
});

type Ask = (world: TestWorld) => Promise<number>;

/** Anything thrown that is no answer to an operator is a bug. */
async function ask(bytes: Uint8Array, question: Ask) {
  const world = testWorld(host, {
    readConfigFile: (path) =>
      path === '/llama.toml' ? { kind: 'bytes', bytes } : { kind: 'absent' },
  });
  const code = await question(world).catch((error: unknown) => {
    if (error instanceof VllmdError && error.exit !== 'unexpected') return exitCodes[error.exit];
    throw error;
  });
  return { code, out: world.out(), err: world.err() };
}

async function tryMode(bytes: Uint8Array, mode: Mode): Promise<boolean> {
  const given = { config: '/llama.toml', lenient: mode === 'lenient' };
  const checked = await ask(bytes, (world) => llamaValidate({ ...given, json: true }, world));
  const shown = await ask(bytes, (world) => llamaValidate({ ...given, json: false }, world));
  const resolved = await ask(bytes, (world) => llamaResolve(given, world));
  for (const answer of [checked, shown, resolved]) expectSafe(answer);
  expectPlaces(bytes, checked);
  const isGood = checked.code === exitCodes.ok;
  const expected = isGood ? exitCodes.ok : exitCodes.config;
  expect([checked.code, shown.code, resolved.code]).toEqual([expected, expected, expected]);
  expect(resolved.out === '').toBe(!isGood);
  await tryExports(bytes, given, isGood);
  if (isGood) expectResolved(JSON.parse(resolved.out));
  return isGood;
}

/** A bad file is exported in no form, and a good one may hold what the other form cannot. */
async function tryExports(
  bytes: Uint8Array,
  given: { readonly config: string; readonly lenient: boolean },
  isGood: boolean,
): Promise<void> {
  for (const format of ['llama-swap', 'llama-server-presets'] as const) {
    const answer = await ask(bytes, (world) => llamaExport({ ...given, format }, world));
    // Presets have no escapes: what is not seen in a value is not seen there.
    expectSafe(format === 'llama-swap' ? answer : { ...answer, out: '' });
    const isExported = answer.code === exitCodes.ok;
    expect(isGood || !isExported).toBe(true);
    if (!isExported) expect([answer.code, answer.out]).toEqual([exitCodes.config, '']);
    else if (format === 'llama-swap') expect(Object.keys(parse(answer.out))).toEqual(['models']);
  }
}

type Resolved = readonly {
  readonly name: string;
  readonly final_control: { readonly gpu_ids: string | null };
  readonly final_server: readonly string[];
}[];

/** In the form of the contract, names apart, and every argument a word. */
function expectResolved(instances: Resolved): void {
  expect(new Set(instances.map(({ name }) => name)).size).toBe(instances.length);
  for (const { name, final_control: control, final_server: words } of instances) {
    expect(name).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]*$/);
    expect(control.gpu_ids ?? 'all').toMatch(/^(?:all|none|[\w/-]+(?:,[\w/-]+)*)$/);
    expect(words.every((word) => typeof word === 'string')).toBe(true);
    // A word that cannot be an argument of a process
    expect(words.join('')).not.toContain('\0');
  }
}

async function tryAs(kind: string, bytes: Uint8Array): Promise<void> {
  const isGood = await tryMode(bytes, 'strict');
  const isForgiven = await tryMode(bytes, 'lenient');
  // What is good is no worse where more is forgiven.
  expect(isForgiven || !isGood).toBe(true);
  tried.add(`${kind} ${isGood ? 'accepted' : 'refused'}`);
}

test(
  'a real llama.cpp file that is damaged is refused at a place of it, or resolved',
  LIMIT,
  async () => {
    await fc.assert(
      fc.asyncProperty(mutated, async ({ bytes }) => tryAs('mutated', bytes)),
      { numRuns: 2500, seed: SEED },
    );
  },
);

test('so are bytes of any kind, and one piece thousands of times', LIMIT, async () => {
  await fc.assert(
    fc.asyncProperty(randomBytes, async (bytes) => tryAs('random', bytes)),
    { numRuns: 500, seed: SEED },
  );
  await fc.assert(
    fc.asyncProperty(largeInput, async (bytes) => tryAs('large', bytes)),
    { numRuns: 10, seed: SEED },
  );
});

test('so are others in each run; a failure names the seed', LIMIT, async () => {
  await fc.assert(
    fc.asyncProperty(mutated, async ({ bytes }) => tryAs('mutated', bytes)),
    { numRuns: 200 },
  );
});

test('no file makes a command line end as a bug does', LIMIT, async () => {
  await fc.assert(
    fc.asyncProperty(mutated, async ({ bytes }) => {
      for (const argv of [
        ['llama', 'validate', '/llama.toml'],
        ['llama', 'resolve', '--config', '/llama.toml', '--lenient'],
      ]) {
        const { code } = await ask(bytes, async (world) => run(argv, world));
        expect([exitCodes.ok, exitCodes.config]).toContain(code);
      }
    }),
    { numRuns: 40, seed: SEED },
  );
  tried.add('command lines', 40);
});

readmeTells('test/fuzz/llama.test.ts', tried.sum);
