import { nearest } from '../../config/nearest.ts';
import { secretOptions } from '../../config/sensitive-options.ts';
import { parseHelp, type ServerOption } from './parse-help.ts';
import { goneOptions } from './removed-options.ts';
import { referenceVersion, serverOptions } from './server-options.gen.ts';
import { accumulates, separatorOf } from './values.ts';

/** Flags are as on the command line: `-c`, `--ctx-size`, and as llama-server reads it `--ctx_size`. */
export type OptionTable = {
  /** The program whose options they are, as messages call it: `llama-server 0.7.0`. */
  readonly program: string;
  /** How many options it has. */
  readonly size: number;
  /** By any of its names; also one that the server lists only to refuse it. */
  readonly find: (flag: string) => ServerOption | undefined;
  /** The long name that was probably meant: of `--ngl`, which is none, that of `-ngl`. */
  readonly nearest: (flag: string) => string | undefined;
  /** What to do instead with an option that there was once, as an imperative. */
  readonly removed: (flag: string) => string | undefined;
  /** Whether all values of an option count that is given several times. */
  readonly isList: (flag: string) => boolean;
  /** What stands between several values of an option that is given once; undefined where it takes one. */
  readonly separator: (flag: string) => string | undefined;
  /** The environment variable that takes the value of an option as well, where that is a secret. */
  readonly secret: (flag: string) => string | undefined;
};

/** The options of the version that vllmd knows. */
export const referenceTable: OptionTable = tableOf(
  serverOptions,
  `llama-server ${referenceVersion}`,
);

/** The options of another version, from what its `--help` prints. */
export function optionTableOf(help: string): OptionTable {
  return tableOf(parseHelp(help), 'the llama-server of option_table');
}

function tableOf(options: readonly ServerOption[], program: string): OptionTable {
  const byName = new Map<string, ServerOption>();
  for (const option of options) {
    for (const name of option.names) if (!byName.has(name)) byName.set(name, option);
  }
  // Nearly all are spelled as the table has them, and this is asked for each option of each instance several times.
  const find = (flag: string) => byName.get(flag) ?? byName.get(spelled(flag));
  const longNames = [...byName]
    .filter(([name, { removed }]) => isLong(name) && removed === undefined)
    .map(([name]) => name.slice(2));
  const secrets = secretFlags(options);
  return {
    program,
    size: options.length,
    find,
    nearest: remembered((flag) => {
      const meant = nearest(flag.replace(/^-+/, ''), longNames);
      return longOf(flag, find) ?? (meant && `--${meant}`);
    }),
    removed: (flag) => {
      const option = find(flag);
      return option === undefined ? goneOptions.get(spelled(flag)) : option.removed;
    },
    isList: (flag) => {
      const option = find(flag);
      return option !== undefined && accumulates(option);
    },
    separator: (flag) => {
      const option = find(flag);
      return option && separatorOf(option);
    },
    secret: remembered((flag) => secrets.get(spelled(flag))),
  };
}

/** A thousand instances ask about the same few options. */
function remembered(ask: (flag: string) => string | undefined): OptionTable['secret'] {
  const answers = new Map<string, string | null>();
  return (flag) => {
    let answer = answers.get(flag);
    if (answer === undefined) {
      answer = ask(flag) ?? null;
      answers.set(flag, answer);
    }
    return answer ?? undefined;
  };
}

/** llama-server reads an underscore of a long name as a dash. */
function spelled(flag: string): string {
  return isLong(flag) && flag.includes('_') ? flag.replaceAll('_', '-') : flag;
}

function isLong(name: string): boolean {
  return name.startsWith('--');
}

/** As a key a short name is written with two dashes. */
function longOf(flag: string, find: OptionTable['find']): string | undefined {
  if (!isLong(flag)) return undefined;
  const short = flag.slice(1);
  const names = find(short)?.names ?? [];
  return names.slice(names.indexOf(short)).find(isLong) ?? names.find(isLong);
}

/** Each name of an option whose value is a secret, also where the table does not have it. */
function secretFlags(options: readonly ServerOption[]): ReadonlyMap<string, string> {
  return new Map(
    [...secretOptions].flatMap(([name, variable]) => {
      const flag = `--${name}`;
      // A table that lacks it may be cut, and its short name is one all the same.
      const names = [...options, ...serverOptions]
        .filter((option) => option.names.includes(flag))
        .flatMap((option) => option.names);
      return [flag, ...names].map((one) => [one, variable] as const);
    }),
  );
}
