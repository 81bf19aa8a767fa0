import { type ShellWord, shellCommands } from './shell-commands.ts';

export type NeededProgram = {
  readonly name: string;
  /** Started by sudo, which looks in directories of the system too. */
  readonly isBySudo: boolean;
};

/**
 * The programs that a command needs, as far as its text tells: the first word of each of its parts, behind variables
 * and behind what starts another program.
 */
export function programsOf(command: string): readonly NeededProgram[] {
  const parts = shellCommands(command);
  const end = parts.findIndex(([word]) => ENDERS.has(word?.text ?? ''));
  const known = end === -1 ? parts : parts.slice(0, end);
  const found = known.flatMap((words) => programsOfPart(words, false));
  return found.filter(
    ({ name, isBySudo }, at) =>
      found.findIndex((one) => one.name === name && one.isBySudo === isBySudo) === at,
  );
}

/** Words of the shell in front of a command. */
const OPENERS = new Set(['if', 'then', 'else', 'elif', 'while', 'until', 'do', '!', '{', 'time']);
/** Words behind which there is no command: a list of words, a pattern, an end. */
const CLOSERS = new Set(['for', 'fi', 'done', '}']);
/** Words behind which there are patterns, or names that are none of programs. */
const ENDERS = new Set(['case', 'select', 'function', 'coproc']);

/** Programs that start the one behind their options, and the options of theirs that take the next word. */
const STARTERS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['env', new Set(['-u', '--unset', '-C', '--chdir', '-S'])],
  ['sudo', new Set(['-u', '--user', '-g', '--group', '-h', '-p', '-C', '-D', '-r', '-t', '-T'])],
  ['nohup', new Set()],
  ['setsid', new Set()],
  ['exec', new Set(['-a'])],
  ['command', new Set()],
  ['nice', new Set(['-n', '--adjustment'])],
  ['ionice', new Set(['-c', '-n', '-p'])],
  ['stdbuf', new Set(['-i', '-o', '-e'])],
  ['timeout', new Set(['-k', '-s', '--kill-after', '--signal'])],
  ['numactl', new Set(['-N', '-m', '-C', '-i', '-p'])],
]);
/** Operands that they have in front of that program. */
const OPERANDS: ReadonlyMap<string, number> = new Map([['timeout', 1]]);
/** `command -v x` asks for a program, and does not need it. */
const ASKS = /^-[a-zA-Z]*[vVl]/;

function programsOfPart(words: readonly ShellWord[], isBySudo: boolean): readonly NeededProgram[] {
  let at = 0;
  while (isOpener(words[at]) || isAssignment(words[at])) at += 1;
  const { text, isQuoted } = words[at] ?? {};
  if (text === undefined || text === '') return [];
  if (isQuoted === false && CLOSERS.has(text)) return [];
  const own = { name: text, isBySudo };
  const withValue = STARTERS.get(baseName(text));
  if (withValue === undefined) return [own];
  const rest = behindOptions(words.slice(at + 1), baseName(text), withValue);
  return [own, ...programsOfPart(rest, isBySudo || baseName(text) === 'sudo')];
}

/** Empty where its options tell that it starts nothing, or where that cannot be told. */
function behindOptions(
  words: readonly ShellWord[],
  starter: string,
  withValue: ReadonlySet<string>,
): readonly ShellWord[] {
  let at = 0;
  while (isOption(words[at])) at += takesNext(words[at]?.text ?? '', withValue) ? 2 : 1;
  const options = words.slice(0, at);
  const last = options.findIndex(({ text }) => text === '--');
  const isAsking = options.some(({ text = '' }) => asks(starter, text));
  if (isAsking) return [];
  return words.slice((last === -1 ? at : last + 1) + (OPERANDS.get(starter) ?? 0));
}

function isOption(word: ShellWord | undefined): boolean {
  return word?.text?.startsWith('-') === true;
}

function asks(starter: string, option: string): boolean {
  return (starter === 'command' || starter === 'sudo') && ASKS.test(option);
}

/** `-u root`, `-nu root`, but not `-uroot`. */
function takesNext(option: string, withValue: ReadonlySet<string>): boolean {
  if (option.startsWith('--')) return withValue.has(option);
  const letters = option.slice(1).split('');
  return letters.findIndex((letter) => withValue.has(`-${letter}`)) === letters.length - 1;
}

function isOpener(word: ShellWord | undefined): boolean {
  return word !== undefined && !word.isQuoted && OPENERS.has(word.text ?? '');
}

/** Its value may be anything. */
function isAssignment(word: ShellWord | undefined): boolean {
  return word?.isAssignment === true;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
