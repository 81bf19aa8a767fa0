import type { ServerOption } from './parse-help.ts';

/** How many words of the command line an option takes for itself: 0 for a switch, 2 for `START END`. */
export function valueCount({ value }: ServerOption): number {
  if (value === null) return 0;
  if (!value.includes(' ')) return 1;
  // `<tensor name pattern>=<buffer type>` is one word.
  return value.replace(/<[^>]*>/g, 'X').split(/ +/).length;
}

/** The words of which the value has to be one, where the help lists them all: `on`, `off`, `auto`. */
export function choicesOf({ value }: ServerOption): readonly string[] | undefined {
  const listed = /^[[{<]?([\w-]+(?:[|,][\w-]+)+)[\]}>]?$/.exec(value ?? '')?.[1];
  return listed?.split(/[|,]/);
}

/** Seen on 0.7.0, whose warning about options that are given twice says otherwise of them. */
const accumulating: ReadonlySet<string> = new Set([
  '--alias',
  '--api-key',
  '--control-vector',
  '--control-vector-scaled',
  '--dry-sequence-breaker',
  '--logit-bias',
  '--lora',
  '--lora-scaled',
  '--override-kv',
  '--override-tensor',
  '--reverse-prompt',
  '--spec-draft-override-tensor',
  '--spec-type',
  '--tags',
]);

/** Whether each repetition adds a value. Of all others the last one counts. */
export function accumulates({ names }: ServerOption): boolean {
  return names.some((name) => accumulating.has(name));
}

/** Those whose placeholder does not show that they take several values. */
const separators: ReadonlyMap<string, string> = new Map([
  ['--cors-headers', ','],
  ['--cors-methods', ','],
  ['--cors-origins', ','],
  ['--host', ','],
  ['--rpc', ','],
  ['--samplers', ';'],
]);

/** What stands between several values of an option that does not accumulate: `3,1`. Undefined where it takes one. */
export function separatorOf(option: ServerOption): string | undefined {
  if (accumulates(option)) return undefined;
  if (option.value?.includes(',..') === true) return ',';
  return option.names.map((name) => separators.get(name)).find((found) => found !== undefined);
}

/**
 * What turns off a switch that is on unless something does: `--no-warmup` for `--warmup`. Leaving it out, as `false` does,
 * leaves it on. Undefined for a name that turns it off itself, and for all other options.
 */
export function offSpelling(
  { names, isOnByDefault }: ServerOption,
  name: string,
): string | undefined {
  if (isOnByDefault !== true || name.startsWith('--no-')) return undefined;
  return names.find((spelling) => spelling.startsWith('--no-'));
}
