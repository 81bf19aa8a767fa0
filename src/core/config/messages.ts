import type { ErrorObject } from 'ajv';
import { type Diagnostic, errorAt, pointer, pointerSegments } from '../diagnostic.ts';
import { canonicalPciAddress } from './pci-address.ts';
import { keyName, quoted, showTyped, showValue, typeName } from './show-value.ts';
import { isScalar } from './toml-tree.ts';
import { unknownKey } from './unknown-key.ts';

/** A file with which a first `vllmd install` works. */
const MINIMAL_FILE = `the smallest file is
[global]
user = "vllm"

[[runtimes]]
index = 1
name = "first"`;

/** How each key that can be missing is written. */
const EXAMPLES: ReadonlyMap<string, string> = new Map([
  ['user', 'add user = "NAME" under [global]: the account that runs the virtual machines'],
  ['index', 'add index = NUMBER to this [[runtimes]] table, a number no other runtime has'],
  ['name', 'add name = "NAME" to this [[runtimes]] table'],
]);

const INTERFACE_FORMAT = 'a network interface name, without spaces, `/` or `:`';

const FORMATS: ReadonlyMap<string, string> = new Map([
  [
    'user',
    'an account name: up to 32 letters, digits, `_`, `.` and `-`, starting with a letter or `_`',
  ],
  ['default_interface', INTERFACE_FORMAT],
  ['bridge_name', INTERFACE_FORMAT],
]);

/** One error of the schema validator, as a sentence for the operator. */
export function schemaDiagnostic(error: ErrorObject): Diagnostic {
  const { instancePath: at, params, data } = error;
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownKey(at, String(params['additionalProperty']));
    case 'required':
      return missingKey(at, String(params['missingProperty']));
    case 'type':
      return wrongType(error);
    case 'minimum':
    case 'maximum':
      return problem('out-of-range', at, `must be ${expected(error)}, got ${showValue(data)}`);
    case 'pattern':
      return at.startsWith('/runtimes/') ? badPciAddress(at, String(data)) : badFormat(at, data);
    case 'minLength':
      return problem('bad-format', at, 'must not be empty');
    case 'maxLength':
      return problem(
        'bad-format',
        at,
        `must have at most ${params['limit']} characters, got ${[...String(data)].length}`,
      );
    case 'uniqueItems':
      return duplicateItem(error);
    default:
      return problem('bad-format', at, String(error.message));
  }
}

function problem(rule: string, at: string, text: string, help?: string): Diagnostic {
  return errorAt(rule, at, `${keyName(at)}: ${text}`, help);
}

function missingKey(table: string, key: string): Diagnostic {
  const at = table + pointer(key);
  if (at === '/global')
    return problem('missing-key', at, 'the [global] table is required', MINIMAL_FILE);
  return problem('missing-key', at, 'is required', EXAMPLES.get(key));
}

function wrongType(error: ErrorObject): Diagnostic {
  const { instancePath: at, data } = error;
  const type = String(error.params['type']);
  const found = typeName(data);
  // TOML allows integers beyond what the schema's bounds, and a double, can hold.
  if (type === 'integer' && found === 'integer') {
    return problem('out-of-range', at, `must be ${expected(error)}, got ${showValue(data)}`);
  }
  const text = `must be ${expected(error)}, got ${showTyped(data)}`;
  return problem('wrong-type', at, text, typeHelp(at, type, data));
}

/** `an integer from 1 to 65536`. */
function expected(error: ErrorObject): string {
  const schema = error.parentSchema;
  const type = String(schema?.['type']);
  if (type === 'integer') return `an integer from ${schema?.['minimum']} to ${schema?.['maximum']}`;
  if (type === 'object') return 'a table';
  if (type !== 'array') return `a ${type}`;
  return error.instancePath === '/runtimes' ? 'an array of tables' : 'an array of strings';
}

function typeHelp(at: string, type: string, data: unknown): string | undefined {
  const key = pointerSegments(at)[0] ?? '';
  const found = typeName(data);
  switch (type) {
    case 'integer':
      return integerHelp(data);
    case 'string':
      return found === 'array' || found === 'table'
        ? undefined
        : `put quotes around it: "${showValue(data)}"`;
    case 'object':
      return found === 'array' && at === `/${key}`
        ? `write [${key}], with single brackets`
        : undefined;
    default:
      if (found === 'string') return `put it in brackets: [${showValue(data)}]`;
      return found === 'table' ? `write [[${key}]], with double brackets` : undefined;
  }
}

function integerHelp(data: unknown): string | undefined {
  if (typeof data === 'string') return /^\s*\d+\s*$/.test(data) ? 'remove the quotes' : undefined;
  const whole = /^(\d+)\.0$/.exec(isScalar(data) ? data().text : '')?.[1];
  return whole === undefined ? undefined : `write ${whole}`;
}

function badFormat(at: string, data: unknown): Diagnostic {
  const format = FORMATS.get(pointerSegments(at).at(-1) ?? '') ?? 'of another form';
  return problem('bad-format', at, `must be ${format}; got ${showValue(data)}`);
}

function badPciAddress(at: string, address: string): Diagnostic {
  const canonical = canonicalPciAddress(address);
  return problem(
    'bad-pci-address',
    at,
    `must be a PCI address like 0000:01:00.0, got ${quoted(address)}`,
    canonical === undefined
      ? '`lspci -D` lists the addresses of this host'
      : `write "${canonical}", as \`lspci -D\` prints it`,
  );
}

function duplicateItem({ instancePath, params, data }: ErrorObject): Diagnostic {
  const [first, second] = [Number(params['i']), Number(params['j'])].sort((a, b) => a - b);
  const at = `${instancePath}/${second}`;
  const item: unknown = Array.isArray(data) ? data[second ?? 0] : undefined;
  return problem(
    'duplicate-item',
    at,
    `${showValue(item)} is already listed as ${keyName(`${instancePath}/${first}`)}`,
    'remove one of them',
  );
}
