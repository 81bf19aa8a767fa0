import { keyName } from '../../config/show-value.ts';
import { type Diagnostic, errorAt } from '../../diagnostic.ts';

/** Instances in the form of another program. */
export type Exported = {
  readonly text: string;
  /** What it does not say and the file does, a sentence each. */
  readonly notes: readonly string[];
};

/** Something of the file that the other form has no room for. */
export function cannotExport(at: string, text: string, help: string): Diagnostic {
  return errorAt('llama-export', at, `${keyName(at)}: ${text}`, help);
}

/** `a, b and 3 more` */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).join(', ');
  const rest = names.length - SHOWN;
  return rest > 0 ? `${shown} and ${rest} more` : shown;
}

const SHOWN = 5;
