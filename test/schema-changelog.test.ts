import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import schema from '../schemas/vllmd-hypervisor-config-schema.json' with { type: 'json' };
import { configSince, configVersions } from '../src/core/config/config-input.gen.ts';
import { schemaOfVersion } from '../src/core/config/schema-of-version.ts';
import { isTable } from '../src/core/config/toml-tree.ts';
import { rules } from '../src/core/rules/rules.ts';

const textOf = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const changelog = textOf('../docs/schema-changelog.md');
const reference = textOf('../docs/reference.md');

/** What a config may say and means; not how it is described. */
function meaningOf(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(meaningOf);
  if (!isTable(node)) return node;
  return Object.fromEntries(
    Object.entries(node)
      .filter(
        ([key, value]) => typeof value !== 'string' || !['title', 'description'].includes(key),
      )
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => [key, meaningOf(value)]),
  );
}

function digestOf(version: number): string {
  const meaning = JSON.stringify(meaningOf(schemaOfVersion(schema, version)));
  return createHash('sha256').update(meaning).digest('hex').slice(0, 16);
}

function section(version: number): string {
  const [, text = ''] = changelog.split(`\n## Version ${version}\n`);
  return text.split(/\n## /)[0] ?? '';
}

test.for(configVersions.map((version) => [version] as const))(
  'the newest entry about version %i is about the schema as it is: a change needs an entry with its date and digest',
  ([version]) => {
    const digests = [...section(version).matchAll(/^### \d{4}-\d\d-\d\d, `([0-9a-f]{16})`$/gm)];
    expect(digests[0]?.[1]).toBe(digestOf(version));
  },
);

/** Ids and promises, as the reference has them. */
function digestOfRules(): string {
  const [, table = ''] = /^## Rules across keys\n(.*?)^## /ms.exec(reference) ?? [];
  const rows = table.match(/^\| `.*\|$/gm) ?? [];
  expect(rows).toHaveLength(rules.length);
  return createHash('sha256').update(rows.join('\n')).digest('hex').slice(0, 16);
}

test('the newest entry about rules across keys is about the rules as they are: a change needs an entry with its date and digest', () => {
  const [, text = ''] = changelog.split('\n## Rules across keys\n');
  const digests = [...text.matchAll(/^### \d{4}-\d\d-\d\d, `([0-9a-f]{16})`$/gm)];
  expect(digests[0]?.[1]).toBe(digestOfRules());
});

test('entries are in the order of their dates, the newest first', () => {
  for (const version of configVersions) {
    const dates = [...section(version).matchAll(/^### (\d{4}-\d\d-\d\d)/gm)].map(
      ([, date]) => date,
    );
    expect(dates).toEqual(dates.toSorted().toReversed());
  }
});

test('every key that a version has brought is named in its section', () => {
  const keys = Object.entries(configSince).flatMap(([table, since]) =>
    Object.entries(since).map(([key, version]) => ({ table, key, version })),
  );
  expect(keys.length).toBeGreaterThan(10);
  for (const { table, key, version } of keys) {
    const name = table === '' ? `[${key}]` : `${table}.${key}`;
    expect(section(version)).toContain(`\`${name}\``);
  }
});

test('there is a section for each version and no other', () => {
  const found = [...changelog.matchAll(/^## Version (\d+)$/gm)].map(([, version]) =>
    Number(version),
  );
  expect(found.toSorted()).toEqual([...configVersions]);
});
