import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { configVersions } from '../../../src/core/config/config-input.gen.ts';
import { type SchemaNode, schemaOfVersion } from '../../../src/core/config/schema-of-version.ts';
import { isTable } from '../../../src/core/config/toml-tree.ts';

const schema: SchemaNode = JSON.parse(
  readFileSync('schemas/vllmd-hypervisor-config-schema.json', 'utf8'),
);

/** The format as it was published first. */
const VERSION_1 = {
  '': ['schema_version', 'global', 'network', 'runtimes'],
  global: ['user', 'state_dir', 'config_dir', 'default_memory_gb', 'default_cpus'],
  network: ['default_interface', 'bridge_name'],
  runtimes: ['index', 'name', 'gpus', 'memory_gb', 'cpus'],
};

function keysByTable(node: SchemaNode): Readonly<Record<string, readonly string[]>> {
  const tables = Object.entries(propertiesOf(node)).flatMap(([key, property]) => {
    const table = isTable(property) && isTable(property['items']) ? property['items'] : property;
    return isTable(table) && isTable(table['properties'])
      ? [[key, Object.keys(table['properties'])]]
      : [];
  });
  return { '': Object.keys(propertiesOf(node)), ...Object.fromEntries(tables) };
}

function propertiesOf(node: SchemaNode): SchemaNode {
  return isTable(node['properties']) ? node['properties'] : {};
}

test('version 1 has exactly the tables and keys that it had', () => {
  const first = schemaOfVersion(schema, 1);
  expect(keysByTable(first)).toEqual(VERSION_1);
  expect(first).toMatchObject({
    $id: 'urn:vllmd:hypervisor-config:1',
    required: ['global'],
    properties: {
      schema_version: { enum: [1] },
      runtimes: { items: { required: ['index', 'name'] } },
    },
  });
  expect(JSON.stringify(first)).not.toMatch(/x-since|x-sensitive/);
});

test('the newest version is the whole schema', () => {
  expect(schemaOfVersion(schema, Math.max(...configVersions))).toEqual(schema);
});

test.for(configVersions)('version %i is valid draft-07 and takes a small file', (version) => {
  const ajv = new Ajv({ strict: true, keywords: ['x-since', 'x-sensitive'] });
  const check = ajv.compile(schemaOfVersion(schema, version));
  const file = {
    schema_version: version,
    global: { user: 'a' },
    runtimes: [{ index: 1, name: 'b' }],
  };
  expect(check(file)).toBe(true);
  expect(check({ ...file, boot: {} })).toBe(version > 1);
  expect(check({ ...file, schema_version: version + 1 })).toBe(false);
});

test('takes a schema without versions and tables as it is', () => {
  expect(schemaOfVersion({ $id: 'x', properties: { a: 1 } }, 1)).toEqual({
    $id: 'x',
    properties: { schema_version: { enum: [1] } },
  });
  expect(schemaOfVersion({}, 1)).toMatchObject({ properties: { schema_version: { enum: [1] } } });
});
