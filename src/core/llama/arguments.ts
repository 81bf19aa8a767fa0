import { isScalar } from '../config/toml-tree.ts';
import type { ServerEntry, ServerScalar } from './written.ts';

/** An option with each of its values: `--key value`, or the option alone where it is a switch. */
export function wordsOf({ option, values }: ServerEntry): readonly (readonly string[])[] {
  return values.flatMap(({ value }) => {
    if (value === false) return [];
    return [value === true ? [`--${option}`] : [`--${option}`, valueText(value)]];
  });
}

/** As it stands on the command line. */
export function valueText(value: ServerScalar): string {
  return isScalar(value) ? value().text : String(value);
}
