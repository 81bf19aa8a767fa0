import fc from 'fast-check';
import { expect, test } from 'vitest';
import { interpolate } from '../../../../src/core/fleet/template/interpolate.ts';
import { placeholders } from '../../../../src/core/fleet/template/scan.ts';
import type { Variables } from '../../../../src/core/fleet/template/variables.ts';
import { bashOutput, bashWords } from './bash-words.ts';

const variables: Variables = {
  source: '/models/a.gguf',
  port: 8080,
  host: '10.0.0.10',
  backend_args: ['-ngl', '99'],
  backend_env: ['GGML_VK_DEVICE=0', 'EMPTY='],
  model_id: 'qwen',
  host_id: 'lab',
  backend_id: '',
};

test.for([
  ['curl -sf http://127.0.0.1:{port}/health', "curl -sf http://127.0.0.1:'8080'/health"],
  ['run {source} {backend_args}', "run '/models/a.gguf' '-ngl' '99'"],
  ['{backend_env} run', "GGML_VK_DEVICE='0' EMPTY='' run"],
  ['{host} {host_id} {model_id} [{backend_id}]', "'10.0.0.10' 'lab' 'qwen' ['']"],
  ['{port}{port}', "'8080''8080'"],
  [`\${port} \${source:-{source}}`, `\${port} \${source:-'/models/a.gguf'}`],
  ['ps {{.ID}} {{source}} {{{source}}}', 'ps {{.ID}} {{source}} {{{source}}}'],
  [`\${{source}} {port}`, `\${{source}} '8080'`],
  ['{{ {source}', "{{ '/models/a.gguf'"],
  ['{{source} {{.ID}}', "{'/models/a.gguf' {{.ID}}"],
] as const)('%j becomes %j', ([command, text]) => {
  expect(interpolate(command, variables)).toBe(text);
});

test.for([
  '{FOO} {0} {a,b} { print } {print $1} {}',
  'a { source } {Source} {1source} {sour-ce}',
  '',
  'no braces at all\n',
])('%j has no placeholder and stays as it is', (command) => {
  expect(placeholders(command)).toEqual([]);
  expect(interpolate(command, {})).toBe(command);
});

test('a command without a placeholder comes out byte for byte', () => {
  const command = fc.string({ unit: 'binary' }).filter((text) => placeholders(text).length === 0);
  fc.assert(fc.property(command, (text) => interpolate(text, variables) === text));
});

test('a placeholder that has no value is a bug, not an empty word', () => {
  expect(() => interpolate('run {source}', { port: 1 })).toThrow('{source} has no value');
  expect(() => interpolate('run {toString}', variables)).not.toThrow();
  expect(() => interpolate('run {other}', variables)).toThrow('{other} has no value');
});

test('what is inserted is not looked at again', () => {
  const text = interpolate('{source} {backend_args}', {
    source: '{port}',
    backend_args: ['{source}', '{{x}}'],
  });
  expect(text).toBe("'{port}' '{source}' '{{x}}'");
});

/** Anything that an argument of a process can hold; much of it means something to a shell. */
const value = fc.oneof(
  fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0')),
  fc
    .array(fc.constantFrom("'", '"', '$', '`', '\\', ' ', '\n', '\t', '*', '~', '!', '#', 'a'))
    .map((characters) => characters.join('')),
  fc.constantFrom('$(id)', `\${HOME}`, "'; exit 1; '", '{port}', '-n', 'a\r\n'),
);

test('bash gets each value as the word it is, whatever is in it', () => {
  fc.assert(
    fc.property(value, value, fc.array(value), (source, host, args) => {
      const inserted = { ...variables, source, host, backend_args: args };
      const words = interpolate('{source} x{host}y {backend_args} {port}', inserted);
      expect(bashWords(words)).toEqual([source, `x${host}y`, ...args, '8080']);
    }),
    { numRuns: 150 },
  );
});

test('bash exports each entry of an environment with the value it is', () => {
  fc.assert(
    fc.property(value, value, (one, other) => {
      const inserted = { backend_env: [`FIRST=${one}`, `SECOND=${other}`] };
      const command = `{backend_env} bash -c 'printf "%s\\0" "$FIRST" "$SECOND"'`;
      expect(bashOutput(interpolate(command, inserted))).toBe(`${one}\0${other}\0`);
    }),
    { numRuns: 50 },
  );
});
