import { isTable } from './toml-tree.ts';

/** A part of a JSON Schema. */
export type SchemaNode = { readonly [key: string]: unknown };

/** The schema as it was at a version: without the tables and keys that came later. */
export function schemaOfVersion(schema: SchemaNode, version: number): SchemaNode {
  const { properties, ...rest } = withoutNewer(schema, version);
  const tables = isTable(properties) ? properties : {};
  return {
    ...rest,
    $id: String(schema['$id']).replace(/\d+$/, String(version)),
    properties: { ...tables, schema_version: upTo(tables['schema_version'], version) },
  };
}

/** The key order stays: editors show it, and a printed schema can be compared with an older one. */
function withoutNewer(node: SchemaNode, version: number): SchemaNode {
  const { properties, items } = node;
  return {
    ...node,
    ...(isTable(properties) ? { properties: knownOf(properties, version) } : {}),
    ...(isTable(items) ? { items: withoutNewer(items, version) } : {}),
  };
}

function knownOf(properties: SchemaNode, version: number): SchemaNode {
  return Object.fromEntries(
    Object.entries(properties).flatMap(([key, property]) =>
      isTable(property) && Number(property['x-since'] ?? 1) <= version
        ? [[key, withoutNewer(property, version)]]
        : [],
    ),
  );
}

function upTo(property: unknown, version: number): SchemaNode {
  const known = isTable(property) ? property : {};
  const versions: unknown = known['enum'];
  return {
    ...known,
    enum: Array.isArray(versions) ? versions.filter((one) => Number(one) <= version) : [version],
  };
}
