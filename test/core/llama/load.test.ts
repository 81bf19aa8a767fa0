import fc from 'fast-check';
import { expect, test } from 'vitest';
import { placesOf } from '../../../src/core/config/locate.ts';
import { loadLlama } from '../../../src/core/llama/load.ts';
import { resolveLlama } from '../../../src/core/llama/resolve.ts';

const absent = () => ({ why: 'does not exist' });

function load(text: string, options: Partial<Parameters<typeof loadLlama>[1]> = {}) {
  return loadLlama(Buffer.from(text), { mode: 'strict', readTable: absent, ...options });
}

function namesOf(text: string, overrides?: string): readonly string[] {
  const { result } = load(text, { placesOf, overrides });
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
  return resolveLlama(result.value).map(({ name }) => name);
}

function rulesOf(text: string, options: Partial<Parameters<typeof loadLlama>[1]> = {}) {
  const { result } = load(text, options);
  return (result.ok ? result.warnings : result.diagnostics).map(({ rule }) => rule);
}

const name = fc.oneof(
  fc.integer({ min: 0, max: 99 }).map(String),
  fc.constantFrom('a', 'zeta', 'x-1', '01', '4294967296'),
);

test('instances come in the order of the file, whatever their names', () => {
  fc.assert(
    fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 8 }), (names) => {
      const tables = names.map((one, at) => `[instance.${one}.server]\nport = ${at + 1}\n`);
      const text = `[instance.server]\nmodel = "/m"\n${tables.join('')}`;
      expect(namesOf(text)).toEqual(names);
      const isNumber = (one: string) => /^(?:0|[1-9]\d*)$/.test(one) && Number(one) < 2 ** 32 - 1;
      if (names.some(isNumber)) expect(load(text).needsPlaces).toBe(true);
    }),
  );
});

test('tables within lines and dotted keys have an order too', () => {
  const inline =
    'instance = { 7 = { server = { model = "/m", port = 1 } }, 3 = { server = { model = "/m", port = 2 } } }';
  expect(namesOf(inline)).toEqual(['7', '3']);
  const dotted =
    'instance.9.server.model = "/m"\ninstance.9.server.port = 1\ninstance.2 = { server = { model = "/m", port = 2 } }\n';
  expect(namesOf(dotted)).toEqual(['9', '2']);
});

test('what overrides add comes last', () => {
  const text =
    '[instance.7.server]\nmodel = "/m"\nport = 1\n[instance.x.server]\nmodel = "/m"\nport = 3\n';
  const added = JSON.stringify({ instance: { 1: { server: { model: '/m', port: 2 } } } });
  expect(namesOf(text, added)).toEqual(['7', 'x', '1']);
});

test('a file that is no text, no TOML, or has broken overrides is refused with that alone', () => {
  const utf16 = loadLlama(Buffer.from('ab', 'utf16le'), { mode: 'strict', readTable: absent });
  expect(utf16.result).toMatchObject({ ok: false, diagnostics: [{ rule: 'config-not-text' }] });
  expect(rulesOf('a = ')).toEqual(['toml-syntax']);
  expect(rulesOf('[master]\nenabel = 1\n', { overrides: '{' })).toEqual(['llama-overrides']);
});

test('overrides that name what is wrong are checked as the file is', () => {
  const text = '[instance.a.server]\nmodel = "/m"\nport = 1\n';
  expect(rulesOf(text, { overrides: '{"instance": {"a": {"server": {"port": 0}}}}' })).toEqual([
    'out-of-range',
  ]);
  expect(load(text, { overrides: '{"master": {"enable": false}}' }).changed).toEqual([
    'master.enable',
  ]);
});

const withTable =
  '[master]\noption_table = "help.txt"\n[instance.a.server]\nmodel = "/m"\nport = 1\n';
const help = Array.from(
  { length: 30 },
  (_, at) => `--option-${at} N                          x\n`,
).join('');

test('an option table is read where one is named, and has to be one', () => {
  expect(rulesOf(withTable)).toEqual(['llama-option-table']);
  expect(rulesOf(withTable, { readTable: () => 'nothing' })).toEqual(['llama-option-table']);
  expect(rulesOf(withTable, { readTable: () => help })).toEqual([
    'llama-unknown-option',
    'llama-unknown-option',
  ]);
  const known = `${help}-m,    --model FNAME                     x\n--port PORT                             x\n`;
  expect(rulesOf(withTable, { readTable: () => known })).toEqual([]);
  expect(rulesOf(`${withTable}option_3 = true\n`, { readTable: () => known })).toEqual([
    'llama-option-value',
  ]);
});

test('a table of another type, or none at all, is a matter of the schema', () => {
  expect(rulesOf(withTable.replace('"help.txt"', '1'))).toEqual(['wrong-type']);
  expect(rulesOf(withTable.replace('"help.txt"', '""'))).toEqual(['bad-format']);
  expect(rulesOf(withTable.replace('[master]', '[master]\nenable = false'))).toEqual([]);
});

test('text of a refused file has its secrets masked', () => {
  const text = '[instance.a.server]\napi_key = "abc"\nport = 0\n';
  expect(load(text).text).toBe(text.replace('abc', '•••'));
});
