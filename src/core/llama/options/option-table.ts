import { nearest } from '../../config/nearest.ts';
import { secretOptions } from '../../config/sensitive-options.ts';
import { parseHelp } from './parse-help.ts';
import { referenceVersion, serverOptions } from './server-options.gen.ts';

/** An option of llama-server. */
export type ServerOption = {
  /** With their dashes; the long one last. */
  readonly names: readonly string[];
  /** What its value is, as the help calls it; null for a switch. */
  readonly value: string | null;
  readonly env: string | null;
};

export type OptionTable = {
  /** Of the llama-server whose options they are, as messages call it: `0.7.0`. */
  readonly version: string;
  /** How many options it has. */
  readonly size: number;
  /** By any of its names, with dashes. */
  readonly find: (flag: string) => ServerOption | undefined;
  /** The long name that was probably meant. */
  readonly nearest: (flag: string) => string | undefined;
  /** What there is instead of an option that there was once. */
  readonly removed: (flag: string) => string | undefined;
  /** Whether all values of an option count that is given several times. */
  readonly isList: (flag: string) => boolean;
  /** The environment variable that takes the value of an option as well, where that is a secret. */
  readonly secret: (flag: string) => string | undefined;
};

/** Options whose values add up although their placeholder is that of one value. */
const LISTS: ReadonlySet<string> = new Set([
  '--alias',
  '--api-key',
  '--control-vector',
  '--cors-headers',
  '--cors-methods',
  '--cors-origins',
  '--dry-sequence-breaker',
  '--host',
  '--image',
  '--logit-bias',
  '--lora',
  '--rpc',
  '--tags',
]);

/** Of 0.7.0, which ends with an error over each of them. */
const REMOVED: ReadonlyMap<string, string> = new Map([
  ['--mlock', '--load-mode mlock'],
  ['--mmap', '--load-mode mmap'],
  ['--no-mmap', '--load-mode none'],
  ['--draft', '--spec-draft-n-max'],
  ['--draft-n', '--spec-draft-n-max'],
  ['--draft-max', '--spec-draft-n-max'],
  ['--draft-min', '--spec-draft-n-min'],
  ['--draft-n-min', '--spec-draft-n-min'],
]);

/** The options of the version that vllmd knows. */
export const referenceTable: OptionTable = tableOf(
  serverOptions.map(([names, value, env]) => ({ names, value, env })),
  referenceVersion,
);

/** The options of another version, from what its `--help` prints. */
export function optionTableOf(help: string): OptionTable {
  return tableOf(parseHelp(help), 'of option_table');
}

function tableOf(options: readonly ServerOption[], version: string): OptionTable {
  const byName = new Map(
    options.flatMap((option) => option.names.map((name) => [name, option] as const)),
  );
  const longNames = [...byName.keys()].filter((name) => name.startsWith('--'));
  const find = (flag: string) => byName.get(flag);
  const secrets = secretFlags(options);
  return {
    version,
    size: options.length,
    find,
    nearest: (flag) => nearest(flag, longNames),
    removed: (flag) => (byName.has(flag) ? undefined : REMOVED.get(flag)),
    isList: (flag) => isList(find(flag)),
    secret: (flag) => secrets.get(flag),
  };
}

/** Each name of an option whose value is a secret, also where the table does not have it. */
function secretFlags(options: readonly ServerOption[]): ReadonlyMap<string, string> {
  return new Map(
    [...secretOptions].flatMap(([name, variable]) => {
      const flag = `--${name}`;
      const names = options.find((option) => option.names.includes(flag))?.names ?? [flag];
      return names.map((one) => [one, variable] as const);
    }),
  );
}

function isList(option: ServerOption | undefined): boolean {
  if (option === undefined) return false;
  const { names, value } = option;
  return names.some((name) => LISTS.has(name)) || /,\s*\.\.|,\.\.\.|^none,/.test(value ?? '');
}
