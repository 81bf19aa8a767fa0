import { VllmdError } from '../../core/failure.ts';
import { type Entry, everyCommand } from './command.ts';

/** Options that name a file or a directory, with what they call it; of a config or its like, which can be an operand too, it is said elsewhere. */
function namedBy(commands: readonly Entry[]) {
  return everyCommand(commands)
    .flatMap(({ options }) => Object.entries(options))
    .filter(([name]) => name !== 'config' && name !== 'file')
    .flatMap(([name, { takes }]) =>
      takes === 'FILE' || takes === 'DIR' || takes === 'PATH' ? [[name, takes] as const] : [],
    );
}

/** An empty name is rather a variable of the shell that is not set than a file. */
export function mustNameSomething(
  args: Readonly<Record<string, unknown>>,
  commands: readonly Entry[],
): true {
  for (const [name, value] of namedBy(commands)) {
    if (![args[name]].flat().includes('')) continue;
    const help = `name one, or leave --${name} out; is a variable of the shell empty?`;
    throw new VllmdError('usage', `--${name} ${value}: the value is empty`, help);
  }
  return true;
}
