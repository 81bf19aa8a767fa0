import fc from 'fast-check';
import { isTable } from '../../src/core/config/toml-tree.ts';
import type { Table, Value } from './schema-configs.ts';

/** The many ways that TOML has to write the same value, chosen by what is drawn. */
type Choose = (count: number) => number;

const choices = fc.array(fc.nat(1 << 20), { minLength: 4, maxLength: 24 });

/** The text of a config: strings and numbers in any form, tables as headers, dotted keys or inline, in any order. */
export function tomlOf(
  config: fc.Arbitrary<Table>,
): fc.Arbitrary<{ readonly config: Table; readonly text: string }> {
  return fc
    .tuple(config, choices, fc.constantFrom('\n', '\n', '\r\n'))
    .map(([drawn, numbers, lineEnd]) => ({
      config: drawn,
      text: fileOf(drawn, chooser(numbers)).join('\n').replaceAll('\n', lineEnd),
    }));
}

function chooser(numbers: readonly number[]): Choose {
  let at = 0;
  return (count) => {
    at += 1;
    return ((numbers[at % numbers.length] ?? 0) + at) % count;
  };
}

function fileOf(config: Table, choose: Choose): readonly string[] {
  const top: string[] = [];
  const below: string[] = [];
  for (const [name, value] of shuffled(Object.entries(config), choose)) {
    if (Array.isArray(value)) arrayOf(name, value as readonly Table[], choose, top, below);
    else if (isTable(value)) tableOf(name, value as Table, choose, top, below);
    else top.push(`${name} = ${written(value, choose)}`);
  }
  return [...top, ...below, ''];
}

function tableOf(name: string, table: Table, choose: Choose, top: string[], below: string[]): void {
  const entries = shuffled(Object.entries(table), choose);
  const lines = (before: string) =>
    entries.map(([key, value]) => `${before}${keyOf(key, choose)} = ${written(value, choose)}`);
  const form = choose(6);
  if (form === 0) top.push(`${name} = ${written(table, choose)}`);
  else if (form === 1 && entries.length > 0) top.push(...lines(`${name}.`));
  else below.push(form === 2 ? ` [ "${name}" ] # a [table]` : `[${name}]`, ...lines(''));
}

function arrayOf(
  name: string,
  tables: readonly Table[],
  choose: Choose,
  top: string[],
  below: string[],
): void {
  if (tables.length === 0 || choose(6) === 0) top.push(`${name} = ${written(tables, choose)}`);
  else for (const table of tables) below.push(...headedOf(name, table, choose));
}

function headedOf(name: string, table: Table, choose: Choose): readonly string[] {
  const entries = shuffled(Object.entries(table), choose);
  return [
    `[[${name}]]`,
    ...entries.map(([key, value]) => `${keyOf(key, choose)} = ${written(value, choose)}`),
  ];
}

function keyOf(key: string, choose: Choose): string {
  return choose(8) === 0 ? `"${key}"` : key;
}

function written(value: Value, choose: Choose): string {
  if (typeof value === 'string') return textOf(value, choose);
  if (typeof value === 'number') return numberOf(value, choose);
  if (Array.isArray(value)) {
    const items = value.map((item: Value) => written(item, choose));
    return choose(3) === 0
      ? `[ # all\n  ${items.map((item) => `${item},\n`).join('  ')}]`
      : `[${items.join(', ')}]`;
  }
  if (!isTable(value)) return String(value);
  const entries = Object.entries(value as Table);
  return `{ ${entries.map(([key, item]) => `${key} = ${written(item, choose)}`).join(', ')} }`;
}

function numberOf(value: number, choose: Choose): string {
  const forms = [String(value), `+${value}`, `0x${value.toString(16)}`, `0o${value.toString(8)}`];
  return forms[choose(12)] ?? String(value).replace(/\B(?=(?:\d{3})+$)/g, '_');
}

function textOf(text: string, choose: Choose): string {
  const isSimple = !/[\p{Cc}]/u.test(text);
  const form = choose(5);
  if (form === 0 && isSimple && !text.includes("'")) return `'${text}'`;
  if (form === 1 && isSimple && !/'''|^'|'$/.test(text)) return `'''\n${text}'''`;
  if (form === 2) return `"""\\\n   ${escaped(text, /["\\\p{Cc}]|^ +/gu)}"""`;
  return `"${escaped(text, form === 3 ? /["\\\p{Cc}]/gu : /["\\\p{Cc}]|[^ -~]/gu)}"`;
}

function escaped(text: string, what: RegExp): string {
  return text.replace(what, (found) =>
    [...found]
      .map((one) => `\\U${Number(one.codePointAt(0)).toString(16).padStart(8, '0')}`)
      .join(''),
  );
}

function shuffled<Item>(items: readonly Item[], choose: Choose): readonly Item[] {
  const start = items.length === 0 ? 0 : choose(items.length);
  return [...items.slice(start), ...items.slice(0, start)];
}
