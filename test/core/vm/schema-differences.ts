import type { Yaml } from '../../support/yaml-subset.ts';

type Schema = {
  readonly $ref?: string;
  readonly allOf?: readonly { readonly $ref: string }[];
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
};

type Pair = { readonly path: string; readonly theirs: Schema; readonly ours: Schema };

/** Where the VM definition of the OpenAPI file and the schema differ, below VmConfig, on both sides. */
export function differences(openapi: Yaml, schema: Schema): readonly string[] {
  const theirs = { $ref: '#/components/schemas/VmConfig' };
  return compare({ path: 'VmConfig', theirs, ours: schema }, openapi, schema);
}

function compare(pair: Pair, openapi: Yaml, schema: Schema): readonly string[] {
  const { path } = pair;
  const theirs = resolved(pair.theirs, openapi);
  const ours = resolved(pair.ours, schema);
  const inner = pairs(path, theirs, ours);
  return [
    ...(theirs.type === ours.type ? [] : [`${path}: ${theirs.type} there, ${ours.type} here`]),
    ...oneSided(`${path}: value`, theirs.enum, ours.enum),
    ...oneSided(`${path}: required`, theirs.required, ours.required),
    ...oneSided(`${path}: key`, keys(theirs), keys(ours)),
    ...inner.flatMap((next) => compare(next, openapi, schema)),
  ];
}

function pairs(path: string, theirs: Schema, ours: Schema): readonly Pair[] {
  const items =
    theirs.items === undefined || ours.items === undefined
      ? []
      : [{ path: `${path}[]`, theirs: theirs.items, ours: ours.items }];
  const properties = keys(theirs).flatMap((key) => {
    const [there, here] = [theirs.properties?.[key], ours.properties?.[key]];
    return there === undefined || here === undefined
      ? []
      : [{ path: `${path}.${key}`, theirs: there, ours: here }];
  });
  return [...items, ...properties];
}

function oneSided(
  what: string,
  there: readonly string[] = [],
  here: readonly string[] = [],
): readonly string[] {
  return [
    ...there.filter((item) => !here.includes(item)).map((item) => `${what} ${item} there only`),
    ...here.filter((item) => !there.includes(item)).map((item) => `${what} ${item} here only`),
  ];
}

function keys({ properties = {} }: Schema): readonly string[] {
  return Object.keys(properties);
}

function resolved(schema: Schema, document: unknown): Schema {
  const target = schema.allOf?.[0]?.$ref ?? schema.$ref;
  if (target === undefined) return schema;
  return target
    .split('/')
    .slice(1)
    .reduce<object>((found, key) => Reflect.get(found, key), Object(document));
}
