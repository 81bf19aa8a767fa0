import type { Change, Conflict } from '../plan/change.ts';
import { sha256 } from '../plan/digest.ts';
import type { Entry } from '../plan/observed.ts';
import { octal } from '../plan/octal.ts';
import { isEmptyPlan, type Plan } from '../plan/plan.ts';
import type { Artefact } from '../render/artefact.ts';
import type { DiagnosticJson } from './diagnostics-json.ts';
import { FORMAT_VERSION } from './format-version.ts';
import { type RecordedSubject, recordedJson } from './recorded-json.ts';
import { textDiff } from './text-diff.ts';

export type PlanJsonOptions = {
  /** What a real install would be refused for, as diagnostics-json has them. */
  readonly diagnostics: readonly DiagnosticJson[];
  /** Set when something went wrong while it was applied. */
  readonly errored: boolean;
  /** The host that the plan is for, where it can be a recorded one. */
  readonly subject?: { readonly recorded: RecordedSubject | undefined } | undefined;
};

/** The twin of the text: the same plan for programs. Within format 1.x keys are only added. */
export function planJson(plan: Plan, options: PlanJsonOptions): object {
  const isFine = !options.diagnostics.some(({ severity }) => severity === 'error');
  return {
    format_version: FORMAT_VERSION,
    applyable: plan.conflicts.length === 0 && isFine,
    complete: isEmptyPlan(plan) && plan.isComplete && plan.conflicts.length === 0,
    errored: options.errored,
    ...(options.subject === undefined ? {} : { recorded: recordedJson(options.subject.recorded) }),
    drift: plan.conflicts.map(conflictJson),
    changes: plan.changes.map(changeJson),
    actions: plan.actions.map(
      ({ verb, unit, group, reason, phase, downtimeSeconds }, position) => ({
        n: position + 1,
        verb,
        ...(unit === undefined ? {} : { unit }),
        group,
        reason,
        phase,
        ...(downtimeSeconds === undefined ? {} : { est_downtime_s: downtimeSeconds }),
      }),
    ),
    notices: plan.notices,
    pending: plan.pending,
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
    ...(change.keepsBackup === true ? { keeps_backup: true } : {}),
    ...(change.restores === undefined ? {} : { restores: change.restores }),
    ...(type === 'file' && verb !== 'metadata' ? { diff: diffText(change) } : {}),
  };
}

function metadataJson(after: Artefact | undefined): object {
  if (after === undefined) return {};
  if (after.type === 'link') return { target: after.target };
  return { mode: octal(after.mode), owner: `${after.owner.user}:${after.owner.group}` };
}

function diffText({ path, before, after, sensitive }: Change): string {
  const old = before.type === 'file' ? before.text : undefined;
  return joined(path, old, after?.type === 'file' ? after.text : undefined, sensitive);
}

function conflictJson(conflict: Conflict): object {
  const { path, kind, detail, actual, sensitive, desired, last } = conflict;
  const text = actual.type === 'file' ? actual.text : undefined;
  const wanted = desired?.type === 'file' ? desired.text : undefined;
  return {
    path,
    kind,
    detail,
    actual_sha: entrySha(actual),
    ...(wanted === undefined ? {} : { desired_sha: sha256(wanted) }),
    ...(last === undefined
      ? {}
      : { last_sha: sha256(last), your_diff: joined(path, last, text, sensitive) }),
    ...(text === undefined ? {} : { diff: joined(path, text, wanted, sensitive) }),
    secret: sensitive,
  };
}

function joined(
  path: string,
  before: string | undefined,
  after: string | undefined,
  sensitive: boolean,
): string {
  return textDiff({ path, before, after, sensitive })
    .map((line) => `${line}\n`)
    .join('');
}

function entrySha(entry: Entry): string | null {
  return entry.type === 'file' ? sha256(entry.text) : null;
}
