/** An option of llama-server. */
export type ServerOption = {
  /** All spellings with their dashes, in the order of the help: `-c`, `--ctx-size`; of a switch also those that turn it off. */
  readonly names: readonly string[];
  /** What the help calls the value: `N`, `START END` for two words; null where the option takes none. */
  readonly value: string | null;
  /** The environment variable that sets it as well. */
  readonly env: string | null;
  /** Of a switch: the server has it on, so leaving it out does not turn it off. */
  readonly isOnByDefault?: true;
  /** The server refuses it, with this advice. */
  readonly removed?: string;
};

type Entry = Pick<ServerOption, 'names' | 'value'> & { readonly description: string[] };

/**
 * What `llama-server --help` prints, of any version. An option begins its line; what it is for stands behind it or on
 * indented lines. All else is passed over, so a text that is no help has no options.
 */
export function parseHelp(text: string): readonly ServerOption[] {
  const entries: Entry[] = [];
  let open: Entry | undefined;
  for (const line of text.split(/\r?\n/)) {
    // Lists in a text are set off by lines of blanks.
    if (line.startsWith(' ')) {
      open?.description.push(line.trim());
      continue;
    }
    open = parseLine(line);
    if (open !== undefined) entries.push(open);
  }
  return entries.map(optionOf);
}

const NAME = /(-[A-Za-z]|--[A-Za-z0-9])[\w.-]*/y;

/** `-fa,   --flash-attn [on|off|auto]       set Flash Attention use`: at least two blanks stand before what it is for. */
function parseLine(line: string): Entry | undefined {
  const names: string[] = [];
  let at = 0;
  for (;;) {
    NAME.lastIndex = at;
    const name = NAME.exec(line)?.[0];
    if (name === undefined) return undefined;
    names.push(name);
    at += name.length;
    if (line[at] !== ',') break;
    at = nextWord(line, at + 1);
  }
  const rest = line.slice(at);
  if (rest !== '' && rest[0] !== ' ') return undefined;
  const hasValue = /^ \S/.test(rest);
  const cut = hasValue ? rest.indexOf('  ') : 0;
  const value = cut === -1 ? rest : rest.slice(0, cut);
  const description = cut === -1 ? '' : rest.slice(cut).trim();
  return { names, value: hasValue ? value.trim() : null, description: [description] };
}

function nextWord(line: string, from: number): number {
  let at = from;
  while (line[at] === ' ') at += 1;
  return at;
}

const ENVIRONMENT = /\(env: ([A-Z][A-Z0-9_]*)\)/;
const ON = /\(default: (?:[a-z]+ )?(?:enabled|true)\b/;
const REMOVED = /^the argument has been removed\. (.+?)(?: \(env: |$)/;

function optionOf({ names, value, description }: Entry): ServerOption {
  const text = description.join(' ').trim();
  const removed = REMOVED.exec(text)?.[1];
  return {
    names,
    value,
    env: ENVIRONMENT.exec(text)?.[1] ?? null,
    ...(value === null && ON.test(text) && { isOnByDefault: true }),
    ...(removed !== undefined && { removed }),
  };
}
