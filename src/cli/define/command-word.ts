import type { Entry } from './command.ts';
import { everySyntax, syntaxOf } from './grammar.ts';
import { everywhereOptions } from './options.ts';

/** Where the command stands: behind options that come before it, with their values. -1: there is none. */
export function commandAt(argv: readonly string[], commands: readonly Entry[]): number {
  // At the very beginning it is nobody's value, so nobody has to know all options of all commands.
  if (argv[0]?.startsWith('-') === false) return 0;
  const withValue = optionsWithValue(commands);
  const isValue = (at: number) => withValue.has(argv[at - 1] ?? '');
  return argv.findIndex((word, at) => !word.startsWith('-') && !isValue(at));
}

/** Every spelling of an option whose value is the next word. */
function optionsWithValue(commands: readonly Entry[]): ReadonlySet<string> {
  const flags = everySyntax(syntaxOf(commands)).flatMap((syntax) => syntax.flags);
  return new Set(
    flags
      .filter(({ value, isValueOptional }) => value !== undefined && !isValueOptional)
      .flatMap(({ names }) => names),
  );
}

const everywhere: ReadonlySet<string> = new Set([
  ...Object.keys(everywhereOptions).map((name) => `--${name}`),
  ...Object.values(everywhereOptions).map(({ alias }) => `-${alias}`),
]);

/** Where the first word stands that is no option which every command has. -1: there is none. */
export function behindEverywhere(argv: readonly string[]): number {
  return argv.findIndex((word) => !everywhere.has(word));
}
