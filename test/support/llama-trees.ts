import fc from 'fast-check';
import type { TomlScalar, TomlTree, TomlValue } from '../../src/core/config/toml-tree.ts';
import { serverOptions } from '../../src/core/llama/options/server-options.gen.ts';
import { hostileText } from './hostile-text.ts';

/** Stands for every secret that is drawn. */
export const LLAMA_SECRET = 'AAAAC3NzaC1lZDI1NTE5';

const flags = serverOptions.flatMap(({ names }) => names);
const keys = flags.map((flag) => flag.replace(/^--?/, ''));

/** `ctx_size`, `ctx-size`, short names, and what is none. */
export const optionKey: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...keys.map((key) => key.replaceAll('-', '_'))) },
  { weight: 2, arbitrary: fc.constantFrom(...keys) },
  { weight: 1, arbitrary: fc.stringMatching(/^[a-z][a-z_-]{0,10}$/) },
);

const float: fc.Arbitrary<TomlScalar> = fc
  .constantFrom('1.0', '0.95', '1e-7', 'inf', 'nan', '-0.0')
  .map((text) => () => ({ kind: 'float', text }));
const date: fc.Arbitrary<TomlScalar> = fc.constant(() => ({ kind: 'date', text: '1979-05-27' }));
const integer: fc.Arbitrary<TomlScalar> = fc.constant(() => ({
  kind: 'integer',
  text: '99999999999999999999',
}));

/** What an option can be: a string, a number, true or false. */
const optionScalar: fc.Arbitrary<string | number | boolean> = fc.oneof(
  fc.stringMatching(/^[a-z0-9/. -]{0,8}$/),
  fc.integer({ min: -2, max: 100_000 }),
  fc.boolean(),
);

/** A table of options without anything that is wrong in itself. */
export const optionTable: fc.Arbitrary<TomlTree> = fc.dictionary(
  fc.constantFrom('ctx_size', 'lora', 'tags', 'threads', 'metrics', 'temp', 'host', 'alias'),
  fc.oneof(
    optionScalar,
    fc.array(fc.oneof(fc.string({ maxLength: 4 }), fc.integer()), { maxLength: 3 }),
  ),
);

const anyScalar: fc.Arbitrary<TomlValue> = fc.oneof(
  hostileText,
  fc.integer(),
  fc.boolean(),
  float,
  date,
  integer,
);

const { value: anyValue } = fc.letrec<{ value: TomlValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    anyScalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(optionKey, hostileText), tie('value'), { maxKeys: 4 }),
  ),
}));

const words: fc.Arbitrary<readonly string[]> = fc.array(
  fc.oneof(fc.constantFrom(...flags), fc.stringMatching(/^-{0,2}[a-z]{0,6}(?:=[a-z]{0,3})?$/)),
  { maxLength: 8 },
);

const anyServer = fc
  .tuple(
    fc.dictionary(optionKey, fc.oneof({ weight: 3, arbitrary: optionScalar }, anyValue), {
      maxKeys: 6,
    }),
    fc.option(fc.oneof({ weight: 4, arbitrary: words }, anyValue)),
  )
  .map(([options, extra]): TomlValue => {
    return extra === null ? options : { ...options, extra_args: extra };
  });

const anyControl = fc.dictionary(
  fc.constantFrom('log_dir', 'log_file', 'background', 'enabled', 'gpu_ids', 'nice'),
  fc.oneof(fc.constantFrom<TomlValue>('all', '0,1', '0, 0', '', true, false), anyValue),
);

const anyInstance = fc.oneof(
  { weight: 8, arbitrary: fc.record({ control: anyControl, server: anyServer }) },
  { weight: 1, arbitrary: anyValue },
);

const instanceName = fc.oneof(
  fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,5}$/),
  fc.constantFrom('7', '3', '__proto__', 'constructor', 'control', 'server', ''),
  hostileText,
);

/** Trees that look like a llama.cpp file, with anything in any place. */
export const anyLlamaTree: fc.Arbitrary<TomlTree> = fc
  .record(
    {
      master: fc.oneof(
        fc.record({ enable: fc.boolean(), llama_cpp_path: hostileText }, { requiredKeys: [] }),
        anyValue,
      ),
      instance: fc.oneof(
        {
          weight: 8,
          arbitrary: fc
            .tuple(
              fc.record({ control: anyControl, server: anyServer }, { requiredKeys: [] }),
              fc.dictionary(instanceName, anyInstance, { maxKeys: 5 }),
            )
            .map(([defaults, instances]): TomlValue => ({ ...instances, ...defaults })),
        },
        { weight: 1, arbitrary: anyValue },
      ),
      other: anyValue,
    },
    { requiredKeys: [] },
  )
  .map((tree): TomlTree => ({ ...tree }));
