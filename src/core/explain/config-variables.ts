import type { ConfigInput } from '../config/config-input.gen.ts';
import { arrayOf } from '../config/toml-tree.ts';
import { pointer } from '../diagnostic.ts';
import type { Materials } from '../render/materials.ts';
import { valueAt, withValue, withValues } from './config-tree.ts';
import { sampleInstance } from './llama-variables.ts';
import { addressesBetween, addressesFor } from './near-devices.ts';
import { type Sample, samplesOf } from './samples.ts';
import { type KeyShape, keyPointer, type Shape, type TableShape, tablePointer } from './shape.ts';
import type { Origin, Variable, Variant } from './variable.ts';

/** Every value that the config has or could have, each with what it could be instead. */
export function configVariables(
  materials: Materials,
  shapes: readonly TableShape[],
): readonly Variable[] {
  return shapes.flatMap((shape) =>
    shape.isList ? ofList(materials, shape) : ofTable(materials, shape, tablePointer(shape.table)),
  );
}

function ofTable(materials: Materials, { keys }: TableShape, at: string): readonly Variable[] {
  const points = valueAt(materials.input, at) === undefined ? pointsOf(keys, at) : [];
  return keys.flatMap((key) => ofKey(materials, key, { at, points }));
}

/** What a table must have, which other keys are tried with where it is not there. */
function pointsOf(keys: readonly KeyShape[], at: string): Place['points'] {
  return keys
    .filter(({ goesWith }) => goesWith === '')
    .map(({ key, shape }) => [at + keyPointer(key), samplesOf(shape, undefined)[0]?.value]);
}

type Place = {
  /** JSON pointer of the table. */
  readonly at: string;
  readonly points: readonly (readonly [pointer: string, value: unknown])[];
};

function ofList(materials: Materials, shape: TableShape): readonly Variable[] {
  const at = tablePointer(shape.table);
  const count = arrayOf(valueAt(materials.input, at)).length;
  const places = Array.from({ length: count }, (_, position) => at + pointer(position));
  return [
    ...places.flatMap((place) => [removal(materials, place), ...ofTable(materials, shape, place)]),
    ...(count < 2 ? [] : shape.keys.map((key) => ofEvery(materials, key, places))),
  ];
}

/** A whole [[table]]. */
function removal(materials: Materials, place: string): Variable {
  return {
    origin: { kind: 'config', pointer: place },
    variants: () =>
      variantsOf(materials, withValue(materials.input, place, undefined), 'near', true),
  };
}

function ofKey(
  materials: Materials,
  key: KeyShape,
  { at: table, points }: Place,
): readonly Variable[] {
  const { shape, fallback, isRequired } = key;
  const place = table + keyPointer(key.key);
  const written = valueAt(materials.input, place);
  const current = written ?? fallback ?? generalValue(key, materials.input);
  const absent: readonly Sample[] =
    written === undefined || isRequired ? [] : [{ value: undefined, reach: 'near' }];
  const set = ({ value, reach }: Sample) => {
    const changed = value === undefined ? table + keyPointer(key.goesWith) : place;
    const input = withValues(materials.input, [...points, [changed, value]]);
    return variantsOf(materials, input, reach);
  };
  const whole: Variable = {
    origin: originOf(place, written, fallback),
    isChoice: shape.kind === 'choice' || shape.kind === 'boolean',
    variants: () =>
      [...samplesFor(key, current, materials), ...absent].flatMap((sample) => set(sample)),
  };
  const candidates = addressesFor(key.key, materials);
  return [whole, ...itemsOf(materials, shape, { place, written, candidates })];
}

/** What holds for a runtime that does not say it itself. */
function generalValue({ general }: KeyShape, input: ConfigInput): unknown {
  return general === undefined ? undefined : (valueAt(input, general.pointer) ?? general.fallback);
}

function originOf(place: string, written: unknown, fallback: unknown): Origin {
  if (written !== undefined) return { kind: 'config', pointer: place };
  if (fallback !== undefined) return { kind: 'default', pointer: place, value: fallback };
  return { kind: 'unset', pointer: place };
}

/** The items of a list one by one. */
function itemsOf(
  materials: Materials,
  shape: Shape,
  list: {
    readonly place: string;
    readonly written: unknown;
    readonly candidates: readonly string[];
  },
): readonly Variable[] {
  if (shape.kind !== 'list') return [];
  const { place, candidates } = list;
  const items = arrayOf(list.written);
  return items.map((item, position) => {
    const at = place + pointer(position);
    const others = samplesOf(shape.items, item, candidates).filter(
      ({ value }) => !items.includes(value),
    );
    return {
      origin: { kind: 'config', pointer: at },
      variants: () =>
        [...others, { value: undefined, reach: 'near' as const }].flatMap(({ value, reach }) =>
          variantsOf(materials, withValue(materials.input, at, value), reach),
        ),
    };
  });
}

/** All runtimes get the same: what any of them asks for is then asked for by none, or the reverse. */
function ofEvery(materials: Materials, key: KeyShape, places: readonly string[]): Variable {
  const pathsOf = (name: string) => places.map((place) => place + keyPointer(name));
  const paths = pathsOf(key.key);
  const written = paths.filter((path) => valueAt(materials.input, path) !== undefined);
  const first =
    valueAt(materials.input, written[0] ?? '') ??
    key.fallback ??
    generalValue(key, materials.input);
  const setAll = (valueFor: (position: number) => unknown, at = paths) =>
    withValues(
      materials.input,
      at.map((path, position) => [path, valueFor(position)]),
    );
  const alternatives = (): readonly (ConfigInput | undefined)[] => {
    if (key.key === 'index') return [100, 60_000].map((base) => setAll((at) => base + at));
    if (key.key === 'name') return [];
    const samples = samplesFor(key, first, materials).map(({ value }) => setAll(() => value));
    if (key.isRequired) return samples;
    return [...samples, setAll(() => undefined, pathsOf(key.goesWith))];
  };
  return {
    origin: { kind: 'every', key: key.key, written },
    variants: () => alternatives().flatMap((input) => variantsOf(materials, input, 'near')),
  };
}

function samplesFor(key: KeyShape, current: unknown, materials: Materials): readonly Sample[] {
  const samples = samplesOf(key.shape, current, addressesFor(key.key, materials));
  if (key.key === 'index') return freeIndices(samples, materials);
  return key.key === 'gpus' ? [...samples, ...severalGpus(current, materials)] : samples;
}

/** What no single one shows: GPUs on several NUMA nodes, and the order of all addresses. */
function severalGpus(current: unknown, materials: Materials): readonly Sample[] {
  const apart = addressesFor('gpus', materials);
  const together = [apart.slice(0, 2), apart, addressesBetween(materials)];
  return together
    .filter((addresses) => addresses.length > 0)
    .map((addresses) => [...new Set([...arrayOf(current), ...addresses])])
    .map((value) => ({ value, reach: 'near' }));
}

/** No two runtimes have one index: the second one's files would be the first one's. */
function freeIndices(samples: readonly Sample[], materials: Materials): readonly Sample[] {
  const used = new Set((materials.input.runtimes ?? []).map(({ index }) => index));
  const free = Math.max(...used) + 1;
  return [...samples, { value: free, reach: 'near' as const }].filter(
    ({ value }) => typeof value === 'number' && !used.has(value),
  );
}

function variantsOf(
  materials: Materials,
  input: ConfigInput | undefined,
  reach: Variant['reach'],
  isRemoval = false,
): readonly Variant[] {
  if (input === undefined) return [];
  return [{ materials: { ...materials, input, ...follows(materials, input) }, reach, isRemoval }];
}

/** What a host would answer for another account or another file. */
function follows(
  { input: before, account, userData, llama }: Materials,
  after: ConfigInput,
): Pick<Materials, 'account' | 'userData' | 'llama'> {
  const { user } = after.global;
  const file = after.guest?.user_data;
  return {
    account:
      user === before.global.user
        ? account
        : { ...account, name: user, group: user, home: `/home/${user}` },
    userData: file === before.guest?.user_data ? userData : userDataOf(file),
    llama: withOtherFiles(llama, after),
  };
}

/** The map itself where no file is named that is not in it: what is made of it is made once. */
function withOtherFiles(llama: Materials['llama'], { runtimes = [], hive }: ConfigInput) {
  const named = [...runtimes.map(({ llama: own }) => own?.config), hive?.llama_config];
  const others = named.filter((path) => path !== undefined).filter((path) => !llama.has(path));
  if (others.length === 0) return llama;
  return new Map([...llama, ...others.map((path) => [path, [sampleInstance]] as const)]);
}

function userDataOf(file: string | undefined): string {
  return file === undefined ? '' : '#cloud-config\nfinal_message: explain\n';
}
