import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isTable } from '../../src/core/config/toml-tree.ts';
import {
  configsFromSchema,
  keysOfVersion,
  type Table,
  VERSIONS,
} from '../support/schema-configs.ts';
import { readmeTells } from '../support/tally.ts';
import { tomlOf } from '../support/toml-text.ts';
import { inputs } from '../support/tried.ts';

const { tried, tryAs } = inputs();
/** The same inputs in each run; what is found with others is printed with its seed. */
const SEED = 20_261_126;
/** Some twenty seconds on a quiet machine; this ends what hangs. */
const LIMIT = { timeout: 300_000 };

const accepted = new Map(VERSIONS.map((version) => [version, new Set<string>()]));

/** As `keysOfVersion` has them. */
function keysOf(config: Table): readonly string[] {
  return Object.entries(config).flatMap(([table, value]) =>
    (Array.isArray(value) ? value : [value]).flatMap((one: unknown) =>
      isTable(one) ? Object.keys(one).map((key) => `${table}.${key}`) : [],
    ),
  );
}

test(
  'whatever a config says, in whatever way of TOML, is what every file of its tree says',
  LIMIT,
  async () => {
    await fc.assert(
      fc.asyncProperty(tomlOf(configsFromSchema(2)), async ({ config, text }) => {
        const read = await tryAs('drawn', Buffer.from(text));
        if (read === undefined) return;
        expect(read).toEqual(config);
        const keys = accepted.get(Number(config['schema_version'] ?? 1));
        for (const key of keysOf(config)) keys?.add(key);
      }),
      { numRuns: 3000, seed: SEED },
    );
  },
);

test('each key of each version was among what was accepted', () => {
  const missing = VERSIONS.flatMap((version) =>
    keysOfVersion(version)
      .filter((key) => accepted.get(version)?.has(key) !== true)
      .map((key) => `${key} of version ${version}`),
  );
  expect(missing).toEqual([]);
});

test(
  'a config with much that no file may hold is refused, or says what it says',
  LIMIT,
  async () => {
    await fc.assert(
      fc.asyncProperty(tomlOf(configsFromSchema(30)), async ({ config, text }) => {
        const read = await tryAs('rough', Buffer.from(text));
        if (read !== undefined) expect(read).toEqual(config);
      }),
      { numRuns: 800, seed: SEED },
    );
  },
);

test('so are others in each run; a failure names the seed', LIMIT, async () => {
  await fc.assert(
    fc.asyncProperty(tomlOf(configsFromSchema(2)), async ({ config, text }) => {
      const read = await tryAs('drawn', Buffer.from(text));
      if (read !== undefined) expect(read).toEqual(config);
    }),
    { numRuns: 200 },
  );
});

readmeTells('test/fuzz/configs.test.ts', tried.sum);
