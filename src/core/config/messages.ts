import type { ErrorObject } from 'ajv';
import { type Diagnostic, pointer, withNote } from '../diagnostic.ts';
import { badFormat } from './format-messages.ts';
import { problem } from './problem.ts';
import { isSensitive } from './schema-keys.ts';
import { keyName, showValue } from './show-value.ts';
import { notAllowed, outOfRange, wrongType } from './type-messages.ts';
import { unknownKey } from './unknown-key.ts';

/** A file with which a first `vllmd install` works. */
const MINIMAL_FILE = `the smallest file is
schema_version = 2

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
  ['config', 'add config = "FILE" to this [runtimes.llama] table: a llama.cpp config'],
]);

/** One error of the schema validator, as a sentence for the operator of a file of this version. */
export function schemaDiagnostic(error: ErrorObject, version: number): Diagnostic {
  const { instancePath: at, params } = error;
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownKey(at, String(params['additionalProperty']), version);
    case 'required':
      return missingKey(at, String(params['missingProperty']));
    case 'type':
      return wrongType(error);
    case 'enum':
      return notAllowed(error);
    case 'minimum':
    case 'maximum':
      return outOfRange(error);
    case 'pattern':
    case 'minLength':
    case 'maxLength':
      return badFormat(error);
    case 'uniqueItems':
      return duplicateItem(error);
    default:
      return problem('bad-format', at, String(error.message));
  }
}

function missingKey(table: string, key: string): Diagnostic {
  const at = table + pointer(key);
  if (at === '/global') {
    return problem('missing-key', at, 'the [global] table is required', MINIMAL_FILE);
  }
  return problem('missing-key', at, 'is required', EXAMPLES.get(key));
}

function duplicateItem({ instancePath, params, data }: ErrorObject): Diagnostic {
  const [first, second] = [Number(params['i']), Number(params['j'])].sort((a, b) => a - b);
  const at = `${instancePath}/${second}`;
  const item: unknown = Array.isArray(data) ? data[second ?? 0] : undefined;
  const what = isSensitive(at) ? 'this value' : showValue(item);
  const other = `${instancePath}/${first}`;
  const text = `${what} is already listed as ${keyName(other)}`;
  const repeat = problem('duplicate-item', at, text, 'remove one of them');
  return withNote(repeat, other, 'first listed here');
}
