import { visibleLines } from '../core/control-characters.ts';
import type { VllmdError } from '../core/failure.ts';
import type { DiagnosticJson } from '../core/report/diagnostics-json.ts';
import { wrap, wrapProse } from '../core/report/wrap.ts';
import type { World } from '../host/world.ts';
import { styleFor } from './style-for.ts';

const BELOW = ' '.repeat('  help: '.length);

/** An expected failure as text. */
export function showFailure({ message, hint }: VllmdError, world: World): void {
  const { red, bold } = styleFor(world.stderr);
  const help =
    hint === undefined ? '' : `  help: ${visibleLines(hint).replaceAll('\n', `\n${BELOW}`)}\n`;
  const text = `${red('error')}${bold(`: ${visibleLines(message)}`)}\n${help}`;
  const { columns } = world.stderr;
  // A help of several lines goes on below its first word.
  const lines = wrapProse(text, columns)
    .split('\n')
    .flatMap((line) => (line.startsWith(BELOW) ? wrap(line, columns, BELOW) : [line]));
  world.stderr.write(lines.join('\n'));
}

/** The same for programs: it is of no place in the config. */
export function failureRow({ exit, message, hint }: VllmdError): DiagnosticJson {
  return {
    severity: 'error',
    rule: exit.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    path: '',
    pointer: '',
    message,
    ...(hint === undefined ? {} : { help: hint }),
  };
}
