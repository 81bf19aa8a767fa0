import { isScalar } from '../config/toml-tree.ts';
import type { ServerScalar } from './written.ts';

/** As it stands on the command line. */
export function valueText(value: ServerScalar): string {
  return isScalar(value) ? value().text : String(value);
}
