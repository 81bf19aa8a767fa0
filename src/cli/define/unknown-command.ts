import { nearest } from '../../core/config/nearest.ts';
import { VllmdError } from '../../core/failure.ts';
import type { Entry } from './command.ts';
import { behindEverywhere } from './command-word.ts';

/** What other programs call it. */
const otherNames = new Map([
  ['version', '--version'],
  ['plan', 'install --dry-run'],
  ['diff', 'install --dry-run'],
  ['apply', 'install'],
  ['check', 'validate'],
]);

/** The parser tells what a word is close to, and never the word itself. */
export function refuseUnknownCommand(argv: readonly string[], commands: readonly Entry[]): void {
  const words = argv.slice(behindEverywhere(argv));
  const [first = '-', second = '-'] = words;
  if (first.startsWith('-')) return;
  const entry = commands.find(({ name }) => name === first);
  if (entry === undefined) throw unknown(first, [], commands);
  if (entry.kind !== 'group' || second.startsWith('-')) return;
  if (!entry.commands.some(({ name }) => name === second)) {
    throw unknown(second, [first], entry.commands);
  }
}

type Named = { readonly name: string };

function unknown(word: string, group: readonly string[], known: readonly Named[]): VllmdError {
  const names = known.map(({ name }) => name);
  const other = group.length === 0 ? otherNames : new Map<string, string>();
  const near = nearest(word, [...names, ...other.keys()]);
  const meant = near === undefined ? [] : [...group, other.get(near) ?? near];
  const help =
    near === undefined ? withoutNear(word, group) : `did you mean \`vllmd ${meant.join(' ')}\`?`;
  return new VllmdError('usage', `${[...group, word].join(' ')}: there is no such command`, help);
}

/** `select` is the one group whose word could as well be what it is about. */
function withoutNear(word: string, group: readonly string[]): string {
  if (group[0] === 'select' && /^\w[\w.:/-]*$/.test(word)) {
    return `a model is named by an option: \`vllmd select --model ${word}\``;
  }
  return `\`${['vllmd', ...group, '--help'].join(' ')}\` lists them`;
}
