import { VllmdError } from '../../core/failure.ts';
import type { Entry } from './command.ts';
import { behindEverywhere } from './command-word.ts';
import { everySyntax, syntaxOf } from './grammar.ts';

/** `vllmd help disk reset` asks for what `vllmd disk reset --help` shows. */
export function withHelpWords(
  argv: readonly string[],
  commands: readonly Entry[],
): readonly string[] {
  const at = behindEverywhere(argv);
  if (argv[at] !== 'help') return argv;
  const rest = argv.slice(at + 1);
  const words = rest.filter((word) => !word.startsWith('-'));
  const asked = words.join(' ');
  if (everySyntax(syntaxOf(commands)).some(({ path }) => path.join(' ') === asked)) {
    return [...words, '--help'];
  }
  throw new VllmdError('usage', `help ${asked}: there is no such command`, 'see `vllmd --help`');
}
