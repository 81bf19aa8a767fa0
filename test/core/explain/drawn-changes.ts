import fc from 'fast-check';
import schema from '../../../schemas/vllmd-hypervisor-config-schema.json' with { type: 'json' };
import type { ConfigInput } from '../../../src/core/config/config-input.gen.ts';
import { pointer } from '../../../src/core/diagnostic.ts';
import { valueAt, withValue } from '../../../src/core/explain/config-tree.ts';
import { type KeyShape, keyPointer, shapesOf } from '../../../src/core/explain/shape.ts';
import { checkRules } from '../../../src/core/rules/rules.ts';
import { valuesOfKey } from '../../support/schema-configs.ts';

/** A key of the config with another value, and what the config is then. */
export type DrawnChange = {
  /** JSON pointer. */
  readonly at: string;
  /** undefined takes it away. */
  readonly value: unknown;
  readonly input: ConfigInput;
};

type Place = KeyShape & { readonly at: string; readonly name: string };

/**
 * Changes that somebody may make to one key, of a runtime among others, with no knowledge of the values that explain tries.
 * What the schema or a rule refuses is not drawn. `devices` are PCI addresses of the host.
 */
export function changesOf(
  input: ConfigInput,
  devices: readonly string[],
): fc.Arbitrary<DrawnChange> {
  return fc
    .constantFrom(...placesIn(input))
    .chain((place) =>
      valuesAt(place, input, devices).map((value) => ({
        at: place.at,
        value,
        input: withValue(input, place.at, value),
      })),
    )
    .filter(isAccepted);
}

type Change = Omit<DrawnChange, 'input'> & { readonly input: ConfigInput | undefined };

function isAccepted(change: Change): change is DrawnChange {
  const { input, value } = change;
  if (input === undefined || hasBorder(value)) return false;
  return checkRules(input).every(({ severity }) => severity !== 'error');
}

/** Cloud-init data that has the border of its parts in it gets another border: nobody could tell that from samples. */
function hasBorder(value: unknown): boolean {
  return JSON.stringify(value)?.includes('==vllmd==') ?? false;
}

function placesIn({ runtimes = [] }: ConfigInput): readonly Place[] {
  return shapesOf(schema).flatMap(({ table, isList, keys }) => {
    const own = table === '' ? '' : pointer(table);
    const tables = isList ? runtimes.map((_, at) => own + pointer(at)) : [own];
    return tables.flatMap((at) =>
      keys
        .filter(({ key }) => key !== 'schema_version')
        .map((key) => ({ ...key, at: at + keyPointer(key.key), name: `${table}.${key.key}` })),
    );
  });
}

function valuesAt(
  place: Place,
  input: ConfigInput,
  devices: readonly string[],
): fc.Arbitrary<unknown> {
  const values: fc.Arbitrary<unknown> =
    place.shape.kind === 'list' ? editsOf(place, input, devices) : valuesOfKey(place.name);
  return place.isRequired ? values : fc.option(values, { nil: undefined, freq: 5 });
}

/** Items go, come at any place, and change their order. */
function editsOf(
  { at, name, key }: Place,
  input: ConfigInput,
  devices: readonly string[],
): fc.Arbitrary<readonly unknown[]> {
  const list = valueAt(input, at);
  const current: readonly unknown[] = Array.isArray(list) ? list : [];
  const isOfDevices = key === 'gpus' || key === 'allow_group_members';
  const known =
    isOfDevices && devices.length > 0
      ? [fc.subarray([...devices], { maxLength: Math.min(3, devices.length) })]
      : [];
  const drawn = valuesOfKey(name).map((value) => (Array.isArray(value) ? value : []));
  return fc
    .tuple(fc.shuffledSubarray([...current]), fc.oneof(drawn, ...known), fc.nat({ max: 8 }))
    .map(([kept, added, place]) => [...new Set(kept.toSpliced(place, 0, ...added))]);
}
