// The schema of the config, table by table.
export const SCHEMA = 'schemas/vllmd-hypervisor-config-schema.json';

/** The tables a key can stand in, '' for the top of the file; `runtimes.llama` is one within another. */
export function tables(schema) {
  return Object.fromEntries([['', schema], ...innerTables(schema, '')]);
}

function innerTables({ properties }, above) {
  return Object.entries(properties).flatMap(([key, property]) => {
    const table = property.items?.type === 'object' ? property.items : property;
    return table.type === 'object'
      ? [[above + key, table], ...innerTables(table, `${above}${key}.`)]
      : [];
  });
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
