import { type Quoting, quotingAt } from './quoting.ts';
import { type Placeholder, placeholders } from './scan.ts';
import { type VariableName, variableNames } from './variables.ts';

export type TemplateProblem =
  /** No variable has this name, or none that has a value in this command. */
  | (Placeholder & { readonly kind: 'unknown' | 'unavailable' })
  /** Where the quotes of a value do not protect it. */
  | (Placeholder & { readonly kind: 'quoted'; readonly within: Quoting });

/** What is wrong with the placeholders of a command, in their order. */
export function templateProblems(
  command: string,
  available: readonly VariableName[],
): readonly TemplateProblem[] {
  const found = placeholders(command);
  const quotings = quotingAt(command, found);
  return found.flatMap((placeholder): readonly TemplateProblem[] => {
    const kind = misnamed(placeholder.name, available);
    if (kind !== undefined) return [{ ...placeholder, kind }];
    const within = quotings.get(placeholder.index);
    return within === undefined ? [] : [{ ...placeholder, kind: 'quoted', within }];
  });
}

function misnamed(
  name: string,
  available: readonly VariableName[],
): 'unknown' | 'unavailable' | undefined {
  if (!variableNames.some((one) => one === name)) return 'unknown';
  return available.some((one) => one === name) ? undefined : 'unavailable';
}
