import { allowedValues, type KeySchema } from '../../core/config/allowed-values.ts';
import { references, text } from './parts.ts';
import { type Block, bold, italic, type Page } from './roff.ts';

/** vllmd.toml(5): every key, from the schema, and a whole file as an example. */
export function configPage(schema: KeySchema, example: string): Page {
  const { description = '', properties = {} } = schema;
  const tables = tablesIn(schema, '');
  const top = Object.entries(properties).filter(([, property]) => tableOf(property) === undefined);
  return {
    ...{ name: 'vllmd.toml', section: 5, summary: 'configuration of vllmd' },
    sections: [
      { title: 'DESCRIPTION', blocks: [text(description), text(places), text(ofCheck)] },
      {
        title: 'TOP OF THE FILE',
        blocks: top.map(([key, property]) => keyBlock(key, key, property, false)),
      },
      ...tables.map(({ name, property, table }) => ({
        title: property === table ? `[${name}]` : `[[${name}]]`,
        blocks: tableBlocks(name, table),
      })),
      { title: 'EXAMPLE', blocks: [{ kind: 'lines', lines: example.trimEnd().split('\n') }] },
      references([
        ['vllmd', 1],
        ['vllmd-validate', 1],
        ['vllmd-migrate', 1],
        ['vllmd-schema', 1],
      ]),
    ],
  };
}

const places =
  'Where no file is named, `vllmd` takes `$VLLMD_HYPERVISOR_CONFIG`, then `/etc/vllmd/config.toml`, then `config.toml` or `vllmd-hypervisor-runtime-defaults.toml` in `~/.config/vllmd`.';

const ofCheck =
  '`vllmd validate` lists everything that is wrong with a file, with its lines. A key that is not known is an error, unless `--lenient` is given. The letters of a unit are in the name of a key: `_gb` is GiB.';

function tableOf(property: KeySchema): KeySchema | undefined {
  if (property.type === 'object') return property;
  return property.items?.type === 'object' ? property.items : undefined;
}

type NamedTable = {
  readonly name: string;
  readonly property: KeySchema;
  readonly table: KeySchema;
};

/** Those within others as well: `runtimes.llama`. */
function tablesIn({ properties = {} }: KeySchema, above: string): readonly NamedTable[] {
  return Object.entries(properties).flatMap(([key, property]) => {
    const table = tableOf(property);
    if (table === undefined) return [];
    const name = above + key;
    return [{ name, property, table }, ...tablesIn(table, `${name}.`)];
  });
}

function tableBlocks(name: string, table: KeySchema): readonly Block[] {
  const { description = '', properties = {}, required = [] } = table;
  return [
    text([description, ...since(table)].join(' ')),
    ...Object.entries(properties)
      .filter(([, property]) => tableOf(property) === undefined)
      .map(([key, property]) => keyBlock(`${name}.${key}`, key, property, required.includes(key))),
  ];
}

function keyBlock(path: string, key: string, property: KeySchema, isRequired: boolean): Block {
  const { description = '', default: fallback } = property;
  const allowed = allowedValues(path, property);
  const words = [
    description,
    ...(allowed === '' ? [] : [`Allowed: ${allowed}.`]),
    ...(fallback === undefined ? [] : [`Default: \`${JSON.stringify(fallback)}\`.`]),
    ...since(property),
    ...(property['x-sensitive'] === true ? ['It is masked wherever the config is shown.'] : []),
  ];
  const type = `(${typeOf(property)}${isRequired ? ', required' : ''})`;
  return { kind: 'term', term: `${bold(key)} = ${italic(type)}`, text: words.join(' ') };
}

function since(property: KeySchema): readonly string[] {
  const version = property['x-since'] ?? 1;
  return version > 1 ? [`Since version ${version} of the format.`] : [];
}

function typeOf({ type, items }: KeySchema): string {
  return items === undefined ? (type ?? 'string') : `array of ${items.type}s`;
}
