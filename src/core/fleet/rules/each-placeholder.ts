import type { Diagnostic } from '../../diagnostic.ts';
import { type CommandText, commandsOf } from '../entries.ts';
import { type TemplateProblem, templateProblems } from '../template/check-template.ts';
import { variablesIn } from '../template/contexts.ts';
import type { FleetSubject } from './rule.ts';

/** What there is to tell of the placeholders of one kind; of one that a command repeats once. */
export function ofEachPlaceholder<Kind extends TemplateProblem['kind']>(
  { entries }: FleetSubject,
  kind: Kind,
  tell: (
    problem: Extract<TemplateProblem, { readonly kind: Kind }>,
    command: CommandText,
  ) => Diagnostic,
): readonly Diagnostic[] {
  return entries.flatMap(commandsOf).flatMap((command) => {
    const told = new Map<string, Diagnostic>();
    for (const problem of templateProblems(command.value, variablesIn(command.key))) {
      if (!isOf(problem, kind)) continue;
      const diagnostic = tell(problem, command);
      const part = { start: problem.index, length: problem.name.length + 2 };
      if (!told.has(diagnostic.message)) told.set(diagnostic.message, { ...diagnostic, part });
    }
    return [...told.values()];
  });
}

function isOf<Kind extends TemplateProblem['kind']>(
  problem: TemplateProblem,
  kind: Kind,
): problem is Extract<TemplateProblem, { readonly kind: Kind }> {
  return problem.kind === kind;
}
