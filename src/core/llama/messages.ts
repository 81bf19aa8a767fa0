import type { ErrorObject } from 'ajv';
import type { Mode } from '../config/mode.ts';
import { nearest } from '../config/nearest.ts';
import { gotTyped } from '../config/problem.ts';
import { keyName, showValue } from '../config/show-value.ts';
import { isScalar, isTable } from '../config/toml-tree.ts';
import { notAllowed, outOfRange, wrongType } from '../config/type-messages.ts';
import { visible } from '../control-characters.ts';
import { type Diagnostic, pointer, pointerSegments } from '../diagnostic.ts';
import { llamaKeys } from './llama-keys.gen.ts';
import { wrong } from './rules/tell.ts';

/** One error of the schema validator, as a sentence. */
export function llamaDiagnostic(error: ErrorObject, mode: Mode): Diagnostic {
  const { instancePath: at, params, data } = error;
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownKey(at, String(params['additionalProperty']), data, mode);
    case 'type':
      return isServerValue(at) ? wrongValue(error) : wrongType(error);
    case 'enum':
      return notAllowed(error);
    case 'minimum':
    case 'maximum':
      return outOfRange(withType(error, 'integer'));
    case 'minLength':
      return wrong('bad-format', at, 'must not be empty', 'remove it for the default');
    case 'pattern':
    case 'maxLength':
      return badText(error);
    default:
      return wrong('bad-format', at, String(error.message));
  }
}

type TableKind = keyof typeof llamaKeys;

function kindAt(at: string): TableKind {
  const segments = pointerSegments(at);
  if (segments.length === 0) return 'top';
  if (segments[0] === 'master') return 'master';
  return segments.at(-1) === 'control' ? 'control' : 'instance';
}

function unknownKey(table: string, key: string, data: unknown, mode: Mode): Diagnostic {
  const at = table + pointer(key);
  const kind = kindAt(table);
  const value = isTable(data) ? data[key] : undefined;
  const isSlip = nearest(key, llamaKeys[kind]) !== undefined;
  if (kind === 'instance' && isTable(value) && !isSlip) return dottedName(table, key, value);
  const { help, isSure } = explain(kind, key, value);
  const isForgiven = mode === 'lenient' || (mode === 'cautious' && !isSure);
  const text = isForgiven ? 'unknown key, ignored' : 'unknown key';
  const found = { ...wrong('unknown-key', at, text, help), mark: 'key' as const };
  return isForgiven ? { ...found, severity: 'warning' } : found;
}

type Explanation = { readonly help: string; readonly isSure: boolean };

function explain(kind: TableKind, key: string, value: unknown): Explanation {
  const keys: readonly string[] = llamaKeys[kind];
  const meant = nearest(key, keys);
  if (meant !== undefined) return { help: `did you mean ${meant}?`, isSure: true };
  if (kind === 'top' && isTable(value)) {
    return {
      help: `write [instance.${key}.server]: every instance is below [instance]`,
      isSure: true,
    };
  }
  if (kind === 'instance') {
    return { help: `options of llama-server belong into its server table`, isSure: true };
  }
  return { help: `there are ${keys.join(', ')}`, isSure: false };
}

/** `[instance.llama-3.1.server]` is a table `1` in the instance `llama-3`. */
function dottedName(table: string, key: string, value: object): Diagnostic {
  const [, first = ''] = pointerSegments(table);
  const names = [first, key];
  let inner: object | undefined = value;
  while (inner !== undefined && !isInstance(inner)) {
    const next: readonly [string, object] | undefined = Object.entries(inner).find(([, item]) =>
      isTable(item),
    );
    if (next !== undefined) names.push(next[0]);
    inner = next?.[1];
  }
  const name = names.map(visible).join('.');
  const text = `a name with a dot in it needs quotes, else it is a table "${visible(key)}" in the instance "${visible(first)}"`;
  const help = `write [instance."${name}".server], and the same for its control table`;
  return { ...wrong('llama-dotted-name', table + pointer(key), text, help), mark: 'key' };
}

function isInstance(table: object): boolean {
  return Object.keys(table).some((key) => key === 'server' || key === 'control');
}

function isServerValue(at: string): boolean {
  return /^\/instance(?:\/[^/]*)?\/server\/./.test(at);
}

/** No option can be a table or a date, and no item of a list a switch. */
function wrongValue(error: ErrorObject): Diagnostic {
  const { instancePath: at, data } = error;
  const types: unknown = error.params['type'];
  if (!Array.isArray(types)) return wrongType(error);
  const [only, ...others] = types.filter((type) => type !== 'boolean');
  // The rule about values tells what is wrong with `true`.
  if (others.length === 0) return wrongType(withType(error, String(only)));
  const text = `must be ${expected(types)}${gotTyped(at, data)}`;
  return wrong('wrong-type', at, text, valueHelp(data));
}

/** `false` is a value of every option: it leaves it out. */
function withType(error: ErrorObject, type: string): ErrorObject {
  return { ...error, params: { type }, parentSchema: { ...error.parentSchema, type } };
}

/** Of the keys that the schema lets be of several types, and of items of a list. */
function expected(types: readonly unknown[]): string {
  if (types.includes('number')) {
    return types.includes('array')
      ? 'a string, a number, true or false, or a list'
      : 'a string or a number';
  }
  if (types.includes('array')) return 'a string or a list of strings';
  return 'an integer, "auto" or "all"';
}

function valueHelp(data: unknown): string | undefined {
  if (isTable(data)) return 'put quotes around a key that has a dot in it, and around JSON';
  if (typeof data === 'boolean')
    return 'a switch is no item of a list: write it as a key of its own';
  if (!isScalar(data)) return undefined;
  const { kind, text } = data();
  if (kind === 'date') return `put quotes around it: "${text}"`;
  return kind === 'float' ? 'write a number' : undefined;
}

function badText({ instancePath: at, propertyName, data, keyword }: ErrorObject): Diagnostic {
  if (propertyName !== undefined) return badName(at, propertyName);
  if (keyword === 'maxLength') return wrong('bad-format', at, 'is too long');
  const text = `must be a number, "auto" or "all", got ${showValue(data)}`;
  return wrong('bad-format', at, text, `for 99 layers write 99, without quotes`);
}

function badName(table: string, name: string): Diagnostic {
  const at = table + pointer(name);
  const text = `${keyName(at)}: the name of an instance has up to 200 letters, digits, ".", "_" and "-", and begins with a letter or a digit`;
  return {
    severity: 'error',
    rule: 'llama-instance-name',
    pointer: at,
    message: text,
    help: 'it becomes the name of a log and of a unit',
    mark: 'key',
  };
}
