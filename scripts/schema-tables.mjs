// The schema of the config, table by table.
export const SCHEMA = 'schemas/vllmd-hypervisor-config-schema.json';

/** The tables a key can stand in, '' for the top of the file. */
export function tables(schema) {
  const inner = Object.entries(schema.properties)
    .map(([name, property]) => [
      name,
      property.items?.type === 'object' ? property.items : property,
    ])
    .filter(([, property]) => property.type === 'object');
  return { '': schema, ...Object.fromEntries(inner) };
}

/** Which version of the format a key came with. */
export function since(property) {
  return property['x-since'] ?? 1;
}

export function perTable(schema, describe) {
  return Object.entries(tables(schema)).map(([table, { properties }]) => [
    table,
    describe(Object.entries(properties)),
  ]);
}
