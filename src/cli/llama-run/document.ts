import { type ExitName, VllmdError } from '../../core/failure.ts';
import { named } from '../../core/llama/rules/tell.ts';
import { exitOf, type Outcome, outcomeJson } from '../../core/llama/run/outcome.ts';
import type { DiagnosticJson } from '../../core/report/diagnostics-json.ts';
import { FORMAT_VERSION } from '../../core/report/format-version.ts';
import { failureRow } from '../show-failure.ts';
import type { Crew } from './crew.ts';

/** What has become of all instances, for programs. */
export function documentOf(crew: Pick<Crew, 'outcomes' | 'stoppedBy'>): object {
  const outcomes = crew.outcomes();
  const exit = exitOf(outcomes, crew.stoppedBy);
  return {
    format_version: FORMAT_VERSION,
    ok: exit === 'ok',
    instances: outcomes.map(outcomeJson),
    diagnostics: failuresOf(outcomes, exit),
  };
}

/** Why it has not ended well, in the form in which every command says so. */
function failuresOf(outcomes: readonly Outcome[], exit: ExitName): readonly DiagnosticJson[] {
  if (exit === 'ok') return [];
  if (exit !== 'runtime') {
    return [failureRow(new VllmdError(exit, 'a signal came before all instances were healthy'))];
  }
  return outcomes.flatMap((outcome) =>
    outcome.state === 'failed'
      ? failureRow(new VllmdError(exit, `${named(outcome)} ${outcome.reason ?? 'failed'}`))
      : [],
  );
}
