import { type Entry, everyCommand } from './command.ts';

/** Options and operands that take a list, as the parser names them. */
export function severalValues(commands: readonly Entry[]): ReadonlySet<string> {
  return new Set(
    everyCommand(commands).flatMap(({ options, positionals }) => [
      ...Object.entries(options)
        .filter(([, { type }]) => type === 'array')
        .flatMap(([name]) => [name, camelCase(name)]),
      ...Object.entries(positionals)
        .filter(([, { array }]) => array === true)
        .map(([name]) => name),
    ]),
  );
}

function camelCase(name: string): string {
  return name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
