import { VllmdError } from '../failure.ts';
import type { Artefact } from '../render/artefact.ts';
import type { Action } from './action.ts';
import type { Change, Conflict } from './change.ts';
import { sha256 } from './digest.ts';
import type { Entry, Observed } from './observed.ts';
import type { Plan } from './plan.ts';
import { whatMoved } from './saved-plan-moved.ts';

/** Everything that decides what an install does, at one moment. */
export type PlanMoment = {
  /** Of the record; undefined before the first install. */
  readonly lineage: string | undefined;
  /** 0 before the first install. */
  readonly generation: number;
  readonly version: string;
  readonly config: { readonly path: string; readonly sha256: string };
  /** Those of the command line that change a plan, by name. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly entries: Observed['entries'];
  readonly plan: Pick<Plan, 'changes' | 'actions' | 'conflicts'>;
};

type StepVerb = Change['verb'] | Action['verb'] | 'conflict';

/** One thing that a plan does, or refuses. */
export type SavedStep = {
  readonly verb: StepVerb;
  /** A path, or a unit; '' for systemd itself. */
  readonly name: string;
  readonly sha256: string;
};

/** As it stands in the file: what the plan was made from and what it does, and no content of any file. */
export type SavedPlan = {
  readonly format_version: '1.0';
  readonly vllmd: string;
  readonly lineage: string | null;
  readonly generation: number;
  readonly config: { readonly path: string; readonly sha256: string };
  readonly options: Readonly<Record<string, unknown>>;
  /** What lies at each path: `absent`, `hidden`, or a digest. */
  readonly paths: Readonly<Record<string, string>>;
  readonly plan: { readonly sha256: string; readonly steps: readonly SavedStep[] };
};

/** The text of a file that `compareSaved` takes. Digests of secrets stand in it: it is for its owner's eyes. */
export function savePlan(moment: PlanMoment): string {
  return `${JSON.stringify(savedPlan(moment), null, 2)}\n`;
}

/** What is no longer as it was when the plan was saved, a sentence each; nothing when the plan is still the same. */
export function compareSaved(text: string, now: PlanMoment): readonly string[] {
  return whatMoved(readSavedPlan(text), savedPlan(now));
}

export function readSavedPlan(text: string): SavedPlan {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw notSaved('is not JSON');
  }
  if (!isRecord(data)) throw notSaved('is not a JSON object');
  const version = data['format_version'];
  if (typeof version === 'string' && version !== '1.0') {
    throw notSaved(`has format ${JSON.stringify(version)}, this vllmd knows 1.0`);
  }
  if (!isSavedPlan(data)) throw notSaved('lacks entries that every saved plan has');
  return data;
}

function notSaved(what: string): VllmdError {
  return new VllmdError(
    'usage',
    `this is no saved plan: it ${what}`,
    'write one with `vllmd install --dry-run --plan-out FILE`',
  );
}

function savedPlan(moment: PlanMoment): SavedPlan {
  const { changes, actions, conflicts } = moment.plan;
  const steps = [
    ...changes.map(changeStep),
    ...actions.map(({ verb, unit, phase }) => step(verb, unit ?? '', phase)),
    ...conflicts.map(conflictStep),
  ];
  return {
    format_version: '1.0',
    vllmd: moment.version,
    lineage: moment.lineage ?? null,
    generation: moment.generation,
    config: moment.config,
    options: moment.options,
    paths: Object.fromEntries(
      [...moment.entries]
        .map(([path, entry]) => [path, entryDigest(entry)] as const)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
    plan: { sha256: sha256(JSON.stringify(steps)), steps },
  };
}

function changeStep(change: Change): SavedStep {
  const { verb, type, path, before, after, keepsBackup, restores } = change;
  const rest = [type, entryDigest(before), artefactParts(after), keepsBackup, restores];
  return step(verb, path, rest);
}

function conflictStep({ kind, path, actual }: Conflict): SavedStep {
  return step('conflict', path, [kind, entryDigest(actual)]);
}

function step(verb: StepVerb, name: string, rest: unknown): SavedStep {
  return { verb, name, sha256: sha256(JSON.stringify(rest)) };
}

function artefactParts(artefact: Artefact | undefined): readonly unknown[] {
  if (artefact === undefined) return [];
  if (artefact.type === 'link') return [artefact.type, artefact.target];
  const { type, mode, owner } = artefact;
  const text = artefact.type === 'file' ? sha256(artefact.text) : '';
  return [type, mode, owner.uid, owner.gid, text];
}

function entryDigest(entry: Entry): string {
  if (entry.type === 'absent' || entry.type === 'hidden') return entry.type;
  return sha256(JSON.stringify(entryParts(entry)));
}

function entryParts(entry: Entry): readonly unknown[] {
  if (entry.type === 'file') {
    return [entry.type, entry.mode, entry.uid, entry.gid, sha256(entry.text)];
  }
  if (entry.type === 'directory') return [entry.type, entry.mode, entry.uid, entry.gid];
  if (entry.type === 'link') return [entry.type, entry.target];
  return Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1));
}

function isSavedPlan(data: Record<string, unknown>): data is SavedPlan & Record<string, unknown> {
  const { config, paths, plan, options, lineage } = data;
  return (
    data['format_version'] === '1.0' &&
    typeof data['vllmd'] === 'string' &&
    (lineage === null || typeof lineage === 'string') &&
    typeof data['generation'] === 'number' &&
    isTexts(config, ['path', 'sha256']) &&
    isRecord(options) &&
    isRecord(paths) &&
    Object.values(paths).every((digest) => typeof digest === 'string') &&
    isTexts(plan, ['sha256']) &&
    Array.isArray(plan['steps']) &&
    plan['steps'].every((saved) => isTexts(saved, ['verb', 'name', 'sha256']))
  );
}

function isTexts(value: unknown, keys: readonly string[]): value is Record<string, unknown> {
  return isRecord(value) && keys.every((key) => typeof value[key] === 'string');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
