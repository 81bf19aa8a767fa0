import { visible } from '../../control-characters.ts';
import type { Diagnostic } from '../../diagnostic.ts';
import type { OptionTable } from '../options/option-table.ts';
import type { ServerOption } from '../options/parse-help.ts';
import { valueCount } from '../options/values.ts';
import type { CheckedInstance } from '../rules/rule.ts';
import type { OptionUse } from '../uses.ts';
import { cannotExport } from './exported.ts';

/** What a preset says about one option, by its name without dashes. */
export type PresetLine = { readonly key: string; readonly value: string };

export type PresetLines = {
  readonly lines: readonly PresetLine[];
  /** Options that only the router itself takes. */
  readonly left: readonly string[];
  readonly problems: readonly Diagnostic[];
};

/** What the router itself listens with and asks for: it takes these options from its own command line only. */
const OF_ROUTER = [
  '--host',
  '--port',
  '--reuse-port',
  '--api-prefix',
  '--api-key',
  '--api-key-file',
  '--hf-token',
  '--ssl-key-file',
  '--ssl-cert-file',
];

/** Options of a router: a preset is one of its models. */
const ROUTERS = ['--models-dir', '--models-preset', '--models-max', '--models-autoload'];

/** Options that add up, and whose values may stand behind one another with commas between them. */
const JOINED = [
  '--control-vector',
  '--control-vector-scaled',
  '--lora',
  '--lora-scaled',
  '--override-kv',
  '--override-tensor',
  '--spec-draft-override-tensor',
  '--spec-type',
  '--tags',
];

/** Options that add up and whose values may have commas in them. */
const REPEATED = ['--dry-sequence-breaker', '--logit-bias', '--reverse-prompt'];

/** All options of an instance but its aliases. */
export function presetLines({ uses }: CheckedInstance, table: OptionTable): PresetLines {
  const lines = new Map<ServerOption, PresetLine>();
  const left: string[] = [];
  const problems: Diagnostic[] = [];
  for (const use of uses) {
    const { option } = use;
    if (option === undefined || isRefused(use, option, table)) {
      problems.push(problemOf(use, table));
    } else if (isOneOf(option, OF_ROUTER)) left.push(`--${keyOf(use.flag, option)}`);
    else if (!isOneOf(option, ['--alias'])) {
      const line = lineOf(use, option, lines.get(option));
      if (typeof line === 'object') lines.set(option, line);
      else problems.push(cannotExport(use.pointer, line, 'change it, or export to llama-swap'));
    }
  }
  return { lines: [...lines.values()], left, problems };
}

function isOneOf({ names }: ServerOption, flags: readonly string[]): boolean {
  return names.some((name) => flags.includes(name));
}

/** A router with such a preset would not start. */
function isRefused({ flag }: OptionUse, option: ServerOption, table: OptionTable): boolean {
  return table.removed(flag) !== undefined || isOneOf(option, ROUTERS) || valueCount(option) > 1;
}

function problemOf({ flag, option, pointer }: OptionUse, table: OptionTable): Diagnostic {
  const name = visible(flag);
  if (option === undefined || table.removed(flag) !== undefined) {
    const text = `${name} is no option of ${table.program}, which does not start with such a preset`;
    return cannotExport(pointer, text, 'remove it, or export to llama-swap');
  }
  if (isOneOf(option, ROUTERS)) {
    const text = `${name} makes the instance a router, and a preset is a model of one`;
    return cannotExport(pointer, text, 'give that to the router itself, and disable this instance');
  }
  const text = `${name} takes several values, and a preset has one`;
  return cannotExport(pointer, text, 'remove it, or export to llama-swap');
}

/** Of several uses the last counts, as on a command line, but for options that add up; else why there can be no such line. */
function lineOf(
  { flag, value = 'true' }: OptionUse,
  option: ServerOption,
  before: PresetLine | undefined,
): PresetLine | string {
  const key = keyOf(flag, option);
  if (!isWritable(value)) {
    return 'a value of a preset ends at ";", "#" and the end of the line, and has no blanks around it';
  }
  if (before === undefined) return { key, value };
  if (isOneOf(option, REPEATED)) return `--${key} is given several times, and a preset has it once`;
  return isOneOf(option, JOINED) ? { key, value: `${before.value},${value}` } : { key, value };
}

/** The parser of presets knows no quotes and no escapes. */
export function isWritable(value: string): boolean {
  return !/[;#\r\n]|^[ \t]|[ \t]$/.test(value);
}

/** The long name, of a switch the one that turns it the same way. */
function keyOf(flag: string, { names }: ServerOption): string {
  const isLong = (name: string) => name.startsWith('--');
  const own = names.slice(Math.max(0, names.indexOf(flag)));
  const long = isLong(flag) ? flag : (own.find(isLong) ?? names.find(isLong) ?? flag);
  return long.replace(/^-+/, '').replaceAll('_', '-');
}
