import type { Change, Conflict } from '../plan/change.ts';
import { sha256 } from '../plan/digest.ts';
import type { Entry } from '../plan/observed.ts';
import { isEmptyPlan, octal, type Plan } from '../plan/plan.ts';
import type { Artefact } from '../render/artefact.ts';
import { FORMAT_VERSION } from './format-version.ts';
import { textDiff } from './text-diff.ts';

export type PlanJsonOptions = {
  /** What a real install would be refused for, as diagnostics-json has them. */
  readonly diagnostics: readonly object[];
  /** Set when something went wrong while it was applied. */
  readonly errored: boolean;
};

/** The twin of the text: the same plan for programs. Within format 1.x keys are only added. */
export function planJson(plan: Plan, options: PlanJsonOptions): object {
  return {
    format_version: FORMAT_VERSION,
    applyable: plan.conflicts.length === 0 && options.diagnostics.length === 0,
    complete: isEmptyPlan(plan) && plan.isComplete,
    errored: options.errored,
    drift: plan.conflicts.map(conflictJson),
    changes: plan.changes.map(changeJson),
    actions: plan.actions.map(({ verb, unit, group, reason, phase }, position) => ({
      n: position + 1,
      verb,
      ...(unit === undefined ? {} : { unit }),
      group,
      reason,
      phase,
    })),
    notices: plan.notices,
    diagnostics: options.diagnostics,
  };
}

function changeJson(change: Change): object {
  const { path, verb, type, group, reason, before, after, sensitive } = change;
  const source = after?.source;
  return {
    path,
    action: verb,
    type,
    group,
    reason,
    ...(source === undefined ? {} : { source }),
    before_sha: entrySha(before),
    after_sha: after?.type === 'file' ? sha256(after.text) : null,
    ...metadataJson(after),
    secret: sensitive,
    ...(type === 'file' && verb !== 'metadata' ? { diff: diffText(change) } : {}),
  };
}

function metadataJson(after: Artefact | undefined): object {
  if (after === undefined) return {};
  if (after.type === 'link') return { target: after.target };
  return { mode: octal(after.mode), owner: `${after.owner.user}:${after.owner.group}` };
}

function diffText({ path, before, after, sensitive }: Change): string {
  return textDiff({
    path,
    before: before.type === 'file' ? before.text : undefined,
    after: after?.type === 'file' ? after.text : undefined,
    sensitive,
  })
    .map((line) => `${line}\n`)
    .join('');
}

function conflictJson({ path, kind, detail, actual, sensitive }: Conflict): object {
  return { path, kind, detail, actual_sha: entrySha(actual), secret: sensitive };
}

function entrySha(entry: Entry): string | null {
  return entry.type === 'file' ? sha256(entry.text) : null;
}
