import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseHelp } from '../../../../src/core/llama/options/parse-help.ts';

const help = `----- common params -----

-h,    --help, --usage                  print usage and exit
-t,    --threads N                      number of CPU threads to use (default: <num_cpus>)
                                        (env: LLAMA_ARG_THREADS)
-ot,   --override-tensor <tensor name pattern>=<buffer type>,...
                                        override tensor buffer type
--layer-range START END
                                        layer range, start and end inclusive
-kvo,  --kv-offload, -nkvo, --no-kv-offload
                                        whether to offload (default:
                                        enabled)
--load-mode MODE                        model loading mode (default: enabled)
                                        - none: see --mmap
${' '.repeat(40)}
                                        (env: LLAMA_ARG_LOAD_MODE)
--draft, --draft-max N                  the argument has been removed. use --spec-n-max or
                                        --spec-mod-n-max
                                        (env: LLAMA_ARG_DRAFT_MAX)
--fim-1.5b-default                      use the default model


----- example-specific params -----

(env: LLAMA_ARG_NOBODYS)
--bare
`;

test('every option of a help is read with its spellings, its value and its variable', () => {
  expect(parseHelp(help)).toEqual([
    { names: ['-h', '--help', '--usage'], value: null, env: null },
    { names: ['-t', '--threads'], value: 'N', env: 'LLAMA_ARG_THREADS' },
    {
      names: ['-ot', '--override-tensor'],
      value: '<tensor name pattern>=<buffer type>,...',
      env: null,
    },
    { names: ['--layer-range'], value: 'START END', env: null },
    {
      names: ['-kvo', '--kv-offload', '-nkvo', '--no-kv-offload'],
      value: null,
      env: null,
      isOnByDefault: true,
    },
    { names: ['--load-mode'], value: 'MODE', env: 'LLAMA_ARG_LOAD_MODE' },
    {
      names: ['--draft', '--draft-max'],
      value: 'N',
      env: 'LLAMA_ARG_DRAFT_MAX',
      removed: 'use --spec-n-max or --spec-mod-n-max',
    },
    { names: ['--fim-1.5b-default'], value: null, env: null },
    { names: ['--bare'], value: null, env: null },
  ]);
});

test('a help with the line ends of another system is the same', () => {
  expect(parseHelp(help.replaceAll('\n', '\r\n'))).toEqual(parseHelp(help));
});

test.for([
  '',
  'usage: ls [OPTION]...\n  -a, --all\n  -l  long\n',
  '--\n-\n---\n-----\n',
  '-a,\n-a, b\n-a,,--b\n',
  '--ctx-size=N\n--a/b\n',
  '\u0000\u0001',
])('what is no option is passed over: %j', (text) => {
  expect(parseHelp(text)).toEqual([]);
});

test('any text gives options that could be ones', () => {
  const line = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.stringMatching(/^(-[a-z]|--[a-z]+)(, +--[a-z-]+)*( [A-Z<>]+)?( {2,}.*)?$/),
    fc.constantFrom(...help.split('\n')),
  );
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      for (const { names, value } of parseHelp(lines.join('\n'))) {
        expect(names.every((name) => /^--?[A-Za-z0-9][\w.-]*$/.test(name))).toBe(true);
        expect(value).not.toBe('');
      }
    }),
  );
});

const mebibytes4 = 4 * 2 ** 20;

test.for([
  ['-a, '],
  ['--a'],
  ['--a '],
  ['--a N  (env: '],
  [' '],
  ['x'],
  ['\n'],
  ['--a\n'],
  ['--a  the argument has been removed. \n (env: \n'],
  ['\r'],
])('4 MiB of %j come to an end', ([piece = '']) => {
  const text = piece.repeat(mebibytes4 / piece.length);
  expect(Array.isArray(parseHelp(text))).toBe(true);
});
