import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { type SchemaNode, schemaOfVersion } from '../../src/core/config/schema-of-version.ts';
import { isTable } from '../../src/core/config/toml-tree.ts';
import { hostileText, roughText } from './hostile-text.ts';

/** Whole configs, drawn from the schema: a key that is new in it is drawn as well. */

export type Value =
  | string
  | number
  | boolean
  | readonly Value[]
  | { readonly [key: string]: Value };
export type Table = { readonly [key: string]: Value };

export const schema: SchemaNode = JSON.parse(
  readFileSync('schemas/vllmd-hypervisor-config-schema.json', 'utf8'),
);

const NEWEST = 2;
export const VERSIONS = [1, NEWEST];

/** The slots that a runtime takes its devices from, so that no two runtimes meet. */
const PLACES = 5;
/** How the keys begin that are drawn; no output may have it. */
export const SECRET = 'AAAAC3NzaC1lZDI1NTE5AAAAI';

const plainPath = fc
  .array(fc.stringMatching(/^[A-Za-z0-9._:@+=-]{1,12}$/), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join('/'));
const start = fc.constantFrom(
  '/',
  '/',
  '//',
  '/srv/./',
  '~/',
  '$HOME/',
  '$' + '{HOME}/',
  '$XDG_STATE_HOME/',
);
const file = fc.tuple(start, plainPath).map((parts) => parts.join(''));
const directory = fc
  .tuple(start, fc.array(hostileText, { minLength: 1, maxLength: 3 }))
  .map(([first, parts]) => first + parts.join('/').replaceAll('$', 'S').replaceAll('\\', 'b'));
const octet = fc.integer({ min: 1, max: 254 });
const key = fc
  .tuple(fc.stringMatching(/^[A-Za-z0-9+/]{43}$/), hostileText, fc.boolean())
  .map(([rest, comment, isLimited]) => {
    const options = isLimited ? 'command="echo \\"a b\\"",no-pty ' : '';
    return `${options}ssh-ed25519 ${SECRET}${rest} ${comment}`;
  });

/** What the schema does not say and a rule does: a value that fits, where one made from the schema alone would not. */
const fitting: Readonly<Record<string, fc.Arbitrary<Value>>> = {
  'global.user': fc.constantFrom('sdake', 'sdake', 'vllm', 'Svc_1.a-b', 'machine$'),
  'global.state_dir': directory,
  'global.config_dir': directory,
  'boot.firmware': file,
  'boot.kernel': file,
  'boot.initramfs': file,
  'storage.base_image': file,
  'guest.ssh_authorized_keys': fc.uniqueArray(key, { maxLength: 3 }),
  'guest.user_data': fc.constantFrom(
    '/srv/user-data/config',
    '/srv/user-data/script',
    '/srv/user-data/mime',
  ),
  'guest.hostname_prefix': fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/),
  'hive.key_file': file,
  'hive.llama_config': fc.constantFrom('/srv/llama/one.toml', '/srv/llama/none.toml'),
  'hive.address': fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6()),
  'hive.url': fc
    .tuple(fc.constantFrom('http', 'https'), fc.domain(), fc.integer({ min: 1, max: 65_535 }))
    .map(([scheme, name, port]) => `${scheme}://${name}:${port}`),
  'network.default_interface': fc.stringMatching(/^e[A-Za-z0-9_.@+-]{0,14}$/),
  'network.bridge_name': fc.stringMatching(/^b[A-Za-z0-9_.@+-]{0,14}$/),
  'network.subnet': octet.map((number) => `10.${number}.0.0/16`),
  'network.name_servers': fc.uniqueArray(
    octet.map((number) => `9.9.9.${number}`),
    { maxLength: 3 },
  ),
  'runtimes.name': fc
    .tuple(hostileText, fc.constantFrom('', '', '', '', '', '', '', '\\', '.', ' '))
    .map(([text, end]) => cut(text, 250).replace(/ +$/, '') + end || 'x'),
  'runtimes.base_image': file,
  'runtimes.mac': fc.stringMatching(/^02(?::[0-9a-f]{2}){5}$/),
  'runtimes.firmware': file,
  'runtimes.kernel': file,
  'runtimes.initramfs': file,
  'runtimes.llama.config': fc.constantFrom('/srv/llama/one.toml', '/srv/llama/none.toml'),
};

/** One that is accepted more often than not; `wild` is the share of values, in percent, that only the schema's type fits. */
export function configsFromSchema(wild: number): fc.Arbitrary<Table> {
  return fc.oneof(...VERSIONS.map((version) => ofVersion(version, wild)));
}

type Node = readonly [string, SchemaNode];

function tablesOf(version: number): readonly Node[] {
  const { properties } = schemaOfVersion(schema, version);
  return entriesOf(properties).filter(([name]) => name !== 'schema_version');
}

function entriesOf(properties: unknown): readonly Node[] {
  return Object.entries(isTable(properties) ? properties : {}).map(([name, node]) => [
    name,
    asNode(node),
  ]);
}

/** `runtimes.name`; what may stand at the top, such as `schema_version`, is no key of a table. */
export function keysOfVersion(version: number): readonly string[] {
  return tablesOf(version).flatMap(([table, node]) => {
    const { properties } = node['type'] === 'array' ? asNode(node['items']) : node;
    return entriesOf(properties).map(([key]) => `${table}.${key}`);
  });
}

/** `llama.config` of a table within the table. */
function nodeAt(node: SchemaNode, [key = '', ...below]: readonly string[]): SchemaNode {
  const found = asNode(Object.fromEntries(entriesOf(node['properties']))[key]);
  return below.length === 0 ? found : nodeAt(found, below);
}

/** Values of one key, such as `runtimes.name`, most of which are accepted. */
export function valuesOfKey(name: string): fc.Arbitrary<Value> {
  const [table = '', ...key] = name.split('.');
  const node = Object.fromEntries(tablesOf(NEWEST))[table];
  const own = node?.['type'] === 'array' ? asNode(node['items']) : asNode(node);
  return fitting[name] ?? ofSchema(nodeAt(own, key), hostileText);
}

function ofVersion(version: number, wild: number): fc.Arbitrary<Table> {
  const drawn = tablesOf(version).map(([name, node]) => [name, ofTable(name, node, wild)] as const);
  const named = version === 1 ? {} : { schema_version: version };
  return fc
    .record(Object.fromEntries(drawn), { requiredKeys: ['global'] })
    .map((config) => repaired({ ...named, ...config }));
}

function ofTable(name: string, node: SchemaNode, wild: number): fc.Arbitrary<Value> {
  if (node['type'] !== 'array') return ofProperties(name, node, wild);
  const item = ofProperties(name, asNode(node['items']), wild);
  return fc
    .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 65_533 }), item), {
      selector: ([index]) => index,
      maxLength: 3,
    })
    .map((items) => items.map(([index, one], at) => ownDevices({ ...(one as Table), index }, at)));
}

function ofProperties(name: string, node: SchemaNode, wild: number): fc.Arbitrary<Value> {
  const properties = entriesOf(node['properties']);
  const required = node['required'];
  const drawn: Record<string, fc.Arbitrary<Value>> = {};
  for (const [key, property] of properties) {
    if (property['type'] === 'object') {
      drawn[key] = ofProperties(`${name}.${key}`, property, wild);
      continue;
    }
    const usual = fitting[`${name}.${key}`] ?? ofSchema(property, hostileText);
    const rough = ofSchema(property, roughText);
    drawn[key] = fc.oneof(
      { weight: 100 - wild, arbitrary: usual },
      { weight: wild, arbitrary: rough },
    );
  }
  return fc.record(drawn, { requiredKeys: Array.isArray(required) ? required.map(String) : [] });
}

/** A value that the schema allows; text where it sets no form is `text`. */
function ofSchema(node: SchemaNode, text: fc.Arbitrary<string>): fc.Arbitrary<Value> {
  const { type, pattern, minimum, maximum, items } = node;
  const choices: unknown = node['enum'];
  if (Array.isArray(choices)) return fc.constantFrom(...choices.map(String));
  if (type === 'boolean') return fc.boolean();
  if (type === 'integer') return fc.integer({ min: Number(minimum), max: Number(maximum) });
  if (type === 'array') {
    const several: fc.Arbitrary<readonly Value[]> = fc.uniqueArray(ofSchema(asNode(items), text), {
      maxLength: 4,
    });
    return several;
  }
  if (type !== 'string') throw new Error(`the schema has a type that is not drawn: ${type}`);
  return typeof pattern === 'string' ? ofPattern(pattern) : ofLength(node, text);
}

/** Without what must not follow, which is not drawn from but held against what was drawn. */
function ofPattern(pattern: string): fc.Arbitrary<string> {
  const drawn = fc.stringMatching(new RegExp(pattern.replace(/^\^\(\?!.*?\$\)/, '^'), 'u'), {
    maxLength: 40,
  });
  const whole = new RegExp(pattern, 'u');
  return drawn.filter((text) => whole.test(text));
}

function ofLength({ minLength = 0, maxLength = 10_000 }: SchemaNode, text: fc.Arbitrary<string>) {
  const longest = Number(maxLength);
  const long = text.map((part) => cut(part.repeat(1 + Math.floor(longest / part.length)), longest));
  return fc.oneof(
    { weight: 30, arbitrary: text },
    { weight: 1, arbitrary: long },
    { weight: 1, arbitrary: fc.constant(Number(minLength) === 0 ? '' : 'x') },
  );
}

/** Not in the middle of a character, which no file could hold. */
function cut(text: string, length: number): string {
  return text.slice(0, length).replace(/[\ud800-\udbff]$/, '');
}

/** Devices of a runtime are on buses of its own: two that share one are a rule's business, and seldom. */
function ownDevices(runtime: Table, at: number): Table {
  const { gpus } = runtime;
  if (!Array.isArray(gpus)) return runtime;
  const own = gpus.map(
    (gpu: string, place) => `${gpu.slice(0, 5)}${at}${place % PLACES}${gpu.slice(7)}`,
  );
  return { ...runtime, gpus: [...new Set(own)] };
}

/** Takes out what goes with nothing else that was drawn: each such pair is a rule with tests of its own. */
function repaired(config: Table): Table {
  const { boot, network, runtimes } = config;
  return {
    ...config,
    ...(isTable(boot) ? { boot: bootable(boot as Table) } : {}),
    ...(isTable(network) ? { network: connected(network as Table) } : {}),
    ...(Array.isArray(runtimes) ? { runtimes: runtimes.map(bootable) } : {}),
  };
}

function bootable(table: Table): Table {
  return table['kernel'] === undefined
    ? without(table, ['initramfs', 'cmdline'])
    : without(table, ['firmware']);
}

function connected(network: Table): Table {
  const { mode = 'nat' } = network;
  if (mode === 'nat') return network;
  const rest = without(network, ['subnet', 'name_servers']);
  return mode === 'bridge' ? { bridge_name: 'br-llm', ...rest } : rest;
}

function without(table: Table, keys: readonly string[]): Table {
  return Object.fromEntries(Object.entries(table).filter(([key]) => !keys.includes(key)));
}

function asNode(value: unknown): SchemaNode {
  if (!isTable(value)) throw new Error('the schema has something else than a table there');
  return value;
}
