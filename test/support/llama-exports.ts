import fc from 'fast-check';
import type { TomlTree } from '../../src/core/config/toml-tree.ts';
import { type CheckedLlama, checkLlama } from '../../src/core/llama/check.ts';
import { referenceTable as table } from '../../src/core/llama/options/option-table.ts';

/** A file that is good; the instances of a tree, `server` of all. */
export function checked(tree: TomlTree): CheckedLlama {
  const result = checkLlama(tree, { mode: 'strict', table });
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
  return result.value;
}

/** What some syntax on the way treats as its own. */
const PARTS = [
  ...[
    'a',
    'b c',
    '',
    ' ',
    '\t',
    '\n',
    "'",
    '"',
    '\\',
    '\\\n',
    '\n#',
    '\n  # x',
    '#',
    ';',
    '$',
    '{',
    '}',
  ],
  ...[
    `\${HOME}`,
    `\${env.HOME}`,
    `\${PORT}`,
    `$\${x}`,
    '`id`',
    '$(id)',
    '%i',
    '=',
    '[',
    ']',
    ',',
    ':',
    '- ',
  ],
  ...['\u00a0', 'ö', '漢', '👩‍👩‍👧', '\u202e', '\ufeff', '&a', '*a', '!x', '| x', '>', '~', 'null'],
];

/** The value of an option. */
export const exportedValue: fc.Arbitrary<string> = fc
  .array(fc.constantFrom(...PARTS), { minLength: 1, maxLength: 5 })
  .map((parts) => parts.join(''));

const server = fc.record(
  {
    model: exportedValue.map((value) => `/m${value}`),
    grammar: exportedValue,
    chat_template: exportedValue,
    lora: fc.array(
      exportedValue.map((value) => `/l${value}`),
      { maxLength: 3 },
    ),
    alias: fc.array(exportedValue, { maxLength: 2 }),
    temp: fc.constantFrom('0.5', '1.0'),
    metrics: fc.boolean(),
    no_warmup: fc.constant(true),
    n_gpu_layers: fc.constantFrom<string | number>(99, 'all'),
    api_key: fc.constantFrom('sk-secret-1', 'sk-secret-2'),
    extra_args: fc.constantFrom<readonly string[]>(['-nkvo'], ['-c', '512'], ['--temp', '0.1']),
  },
  { requiredKeys: ['model'] },
);

export type ExportedInstance = { readonly server: TomlTree; readonly control: TomlTree };

export const exportedInstance: fc.Arbitrary<ExportedInstance> = fc.record({
  server,
  control: fc.constantFrom<TomlTree>(
    {},
    ...['all', 'none', '0,1'].map((ids) => ({ gpu_ids: ids })),
  ),
});

/** A file with these instances, each with a port of its own. */
export function fileOf(instances: readonly ExportedInstance[]): TomlTree {
  const named = instances.map((instance, at) => {
    const one = { ...instance, server: { ...instance.server, port: 8080 + at } };
    return [at === 0 ? 'default' : `x-${at}.y_z`, one] as const;
  });
  return { instance: Object.fromEntries(named) };
}

/** Files with up to four instances and anything in their values. */
export const exportedTree: fc.Arbitrary<TomlTree> = fc
  .array(exportedInstance, { minLength: 1, maxLength: 4 })
  .map(fileOf);
