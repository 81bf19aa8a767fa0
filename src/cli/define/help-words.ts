import { VllmdError } from '../../core/failure.ts';
import { commands } from './commands.ts';
import { everySyntax, syntaxOf } from './grammar.ts';

/** `vllmd help disk reset` asks for what `vllmd disk reset --help` shows. */
export function withHelpWords(argv: readonly string[]): readonly string[] {
  const [first, ...rest] = argv;
  if (first !== 'help') return argv;
  const words = rest.filter((word) => !word.startsWith('-'));
  const asked = words.join(' ');
  if (everySyntax(syntaxOf(commands)).some(({ path }) => path.join(' ') === asked)) {
    return [...words, '--help'];
  }
  throw new VllmdError('usage', `help ${asked}: there is no such command`, 'see `vllmd --help`');
}
