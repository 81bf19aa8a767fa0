import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fleetList } from '../../src/cli/commands/fleet-list.ts';
import { fleetShow } from '../../src/cli/commands/fleet-show.ts';
import { fleetValidate } from '../../src/cli/commands/fleet-validate.ts';
import { run } from '../../src/cli/run.ts';
import { exitCodes, VllmdError } from '../../src/core/failure.ts';
import { loadFleet } from '../../src/core/fleet/load.ts';
import { sections } from '../../src/core/fleet/shape.ts';
import { largeInput, mutatedFrom, randomBytes } from '../support/mutations.ts';
import { contractFiles } from '../support/runtimes.ts';
import { readmeTells, tally } from '../support/tally.ts';
import { expectPlaces, expectSafe } from '../support/tried.ts';
import { describedHost, type TestWorld, testWorld } from '../support/world.ts';

const tried = tally('inputs tried');
/** The same inputs in each run; what is found with others is printed with its seed. */
const SEED = 20_261_127;
/** Some twenty seconds on a quiet machine; this ends what hangs. */
const LIMIT = { timeout: 300_000 };

const host = describedHost();
const options = { mode: 'strict', file: '/runtimes.json' } as const;

const mutated = mutatedFrom({
  configs: contractFiles.map((text) => Buffer.from(text)),
  isValid: (bytes) => loadFleet(bytes, options).result.ok,
  values: [
    ...['null', 'true', '"any"', '"ssh"', '[]', '{}', '1e999', '-0', '65536', '"{source}"'],
    ...['"\'{source}\'"', '"{print}"', '"\\u0000"', '"\\ud800"', '["x"]', '{"__proto__": 1}'],
  ],
  lines: [
    ...['"id": "x",', '"zzz": 1,', '"__proto__": {},', '"constructor": 1,', '"hosts": [],'],
    ...['"connection": {"host": "-x"},', '"env": {"A B": "1", "HF_TOKEN": "x"},', '],', '}, {'],
    ...['"split_policy": {"a": [1]},', '"apply_cmd": "x {backend_env} {model_id}",', '// x'],
  ],
});

/** A thousand times what could take more than its share of time or stack. */
const largeDocument = fc
  .constantFrom(
    ...['{"a":', '{"id": "a", "zzz": 1},', '{"id": "a", "connection": {"password": "x"}},', '"\\"'],
    ...['{"id": "a", "host_policy": ["b"], "launch": {"start_cmd": "\'{source}\'"}},', '{} ', '/'],
  )
  .chain((piece) => fc.constantFrom('hosts', 'models').map((key) => [key, piece] as const))
  .map(([key, piece]) => `{"schema_version": 1, "${key}": [${piece.repeat(1000)}`)
  .map((text) => Buffer.from(text.endsWith(',') ? `${text.slice(0, -1)}]}` : text));

type Ask = (world: TestWorld) => Promise<number>;

/** Anything thrown that is no answer to an operator is a bug. */
async function ask(bytes: Uint8Array, question: Ask) {
  const world = testWorld(host, {
    readConfigFile: () => ({ kind: 'bytes', bytes, permissions: 0o644 }),
  });
  const code = await question(world).catch((error: unknown) => {
    if (error instanceof VllmdError && error.exit !== 'unexpected') return exitCodes[error.exit];
    throw error;
  });
  return { code, out: world.out(), err: world.err() };
}

async function tryMode(bytes: Uint8Array, lenient: boolean): Promise<boolean> {
  const given = { file: '/runtimes.json', lenient };
  const json = await ask(bytes, (world) => fleetValidate({ ...given, json: true }, world));
  const text = await ask(bytes, (world) => fleetValidate({ ...given, json: false }, world));
  for (const answer of [json, text]) expectSafe(answer);
  expectPlaces(bytes, json);
  const isGood = json.code === exitCodes.ok;
  expect([json.code, text.code]).toEqual(
    isGood ? [exitCodes.ok, exitCodes.ok] : [exitCodes.config, exitCodes.config],
  );
  expect(text.out).toBe(isGood ? '/runtimes.json is valid.\n' : '');
  for (const section of sections) await tryShown(bytes, section, { ...given, isGood });
  return isGood;
}

type Given = { readonly file: string; readonly lenient: boolean; readonly isGood: boolean };

/** Every entry is listed and shown, and what is shown is that of the list. */
async function tryShown(
  bytes: Uint8Array,
  section: (typeof sections)[number],
  { isGood, ...given }: Given,
): Promise<void> {
  const asked = { ...given, json: true };
  const list = await ask(bytes, (world) => fleetList(section, asked, world));
  const table = await ask(bytes, (world) => fleetList(section, { ...given, json: false }, world));
  for (const answer of [list, table]) expectSafe(answer);
  expect(list.code === exitCodes.ok).toBe(isGood);
  if (!isGood) return;
  const document: Record<string, readonly { readonly id: string }[]> = JSON.parse(list.out);
  for (const entry of document[section] ?? []) {
    const one = { ...asked, id: entry.id };
    const shown = await ask(bytes, (world) => fleetShow(section, one, world));
    expectSafe(shown);
    expect(Object.values(JSON.parse(shown.out))).toContainEqual(entry);
    expect(table.out).toContain(entry.id);
  }
}

async function tryAs(kind: string, bytes: Uint8Array): Promise<void> {
  const isGood = await tryMode(bytes, false);
  const isForgiven = await tryMode(bytes, true);
  // What is good is no worse where more is forgiven.
  expect(isForgiven || !isGood).toBe(true);
  tried.add(`${kind} ${isGood ? 'accepted' : 'refused'}`);
}

test(
  'a real runtimes.json that is damaged is refused at a place of it, or shown',
  LIMIT,
  async () => {
    await fc.assert(
      fc.asyncProperty(mutated, async ({ bytes }) => tryAs('mutated', bytes)),
      { numRuns: 600, seed: SEED },
    );
  },
);

test('so are bytes of any kind, and one piece thousands of times', LIMIT, async () => {
  await fc.assert(
    fc.asyncProperty(randomBytes, async (bytes) => tryAs('random', bytes)),
    { numRuns: 200, seed: SEED },
  );
  await fc.assert(
    fc.asyncProperty(fc.oneof(largeInput, largeDocument), async (bytes) => tryAs('large', bytes)),
    { numRuns: 20, seed: SEED },
  );
});

test('so are others in each run; a failure names the seed', LIMIT, async () => {
  await fc.assert(
    fc.asyncProperty(mutated, async ({ bytes }) => tryAs('mutated', bytes)),
    { numRuns: 100 },
  );
});

test('no file makes a command line end as a bug does', LIMIT, async () => {
  await fc.assert(
    fc.asyncProperty(mutated, async ({ bytes }) => {
      for (const argv of [
        ['hosts', 'validate', '--file', '/runtimes.json'],
        ['models', '--file', '/runtimes.json', '--lenient'],
      ]) {
        const { code } = await ask(bytes, async (world) => run(argv, world));
        expect([exitCodes.ok, exitCodes.config]).toContain(code);
      }
    }),
    { numRuns: 40, seed: SEED },
  );
  tried.add('command lines', 40);
});

readmeTells('test/fuzz/fleet.test.ts', tried.sum);
