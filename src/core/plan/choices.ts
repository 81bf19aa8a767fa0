import { VllmdError } from '../failure.ts';
import type { Operation } from '../transaction/journal.ts';
import type { Conflict } from './change.ts';
import type { Plan } from './plan.ts';
import type { PurgeData } from './stale.ts';

/** What the operator has said about paths that are not as vllmd left them. */
export type Choices = {
  /** Edits that give way; a copy is kept. */
  readonly overwriteDrift: readonly string[];
  /** Edits that stay. */
  readonly keepDrift: readonly string[];
  /** Files of others that give way as long as vllmd is there; they come back with its removal. */
  readonly adopt: readonly string[];
  /** Enable again what the operator has disabled. */
  readonly reenable: boolean;
  /** Lift masks of the operator that are in the way. */
  readonly unmask: boolean;
};

export const noChoices: Choices = {
  overwriteDrift: [],
  keepDrift: [],
  adopt: [],
  reenable: false,
  unmask: false,
};

/** Throws when a flag names a path that it decides nothing about: a slip of the pen must not go unnoticed. */
export function checkChoices(plan: Plan, choices: Choices, operation: Operation = 'install'): void {
  const twice = choices.overwriteDrift.find((path) => choices.keepDrift.includes(path));
  if (twice !== undefined) {
    const hint = 'keep it or overwrite it: name it once';
    throw new VllmdError('usage', `--overwrite-drift and --keep-drift both name ${twice}`, hint);
  }
  const made = (reasons: readonly string[]) =>
    new Set(plan.changes.filter((c) => reasons.includes(c.reason)).map(({ path }) => path));
  const pinned = plan.owned.files.filter((file) => file.pinned !== undefined);
  const effects = [
    ['--overwrite-drift', choices.overwriteDrift, made(['drift-overwritten'])],
    ['--keep-drift', choices.keepDrift, new Set(pinned.map(({ path }) => path))],
    ['--adopt', choices.adopt, made(['adopted'])],
  ] as const;
  for (const [flag, paths, effective] of effects) {
    const idle = paths.find((path) => !effective.has(path));
    if (idle !== undefined) throw new VllmdError('usage', ...explain(flag, idle, plan, operation));
  }
}

type Flag = '--overwrite-drift' | '--keep-drift' | '--adopt';

function explain(
  flag: Flag,
  path: string,
  plan: Plan,
  operation: Operation,
): readonly [message: string, hint: string] {
  const conflict = plan.conflicts.find((candidate) => candidate.path === path);
  if (conflict !== undefined) {
    return [
      `${flag} ${path}: not for this path, ${conflict.detail}`,
      helpFor(conflict, operation) || `move it away, then ${operation} again`,
    ];
  }
  const could = plan.conflicts.filter((candidate) => flagsFor(candidate, operation).includes(flag));
  const hint =
    could.length === 0
      ? `no path needs ${flag}: leave it out`
      : `paths that it could name: ${could.map((candidate) => candidate.path).join(', ')}`;
  return [`${flag} ${path}: there is nothing to decide about this path`, hint];
}

function flagsFor(conflict: Conflict, operation: Operation): readonly Flag[] {
  const flags = effective(conflict);
  // It has no other.
  return operation === 'uninstall' ? flags.filter((flag) => flag === '--overwrite-drift') : flags;
}

function effective({ kind, actual, desired }: Conflict): readonly Flag[] {
  if (actual.type !== 'file' && actual.type !== 'link') return [];
  if (kind === 'drifted') {
    return actual.type === 'file' && desired?.type !== 'link'
      ? ['--overwrite-drift', '--keep-drift']
      : ['--overwrite-drift'];
  }
  return kind === 'foreign' && desired !== undefined ? ['--adopt'] : [];
}

function effectOf(flag: Flag, { desired }: Conflict): string {
  switch (flag) {
    case '--overwrite-drift':
      return `${desired === undefined ? 'deletes' : 'replaces'} it and keeps a copy`;
    case '--keep-drift':
      return 'leaves it as it is';
    case '--adopt':
      return 'replaces it, and puts it back when vllmd removes its own';
    default:
      return flag satisfies never;
  }
}

/** What the operator can do about a conflict; '' where no flag helps. */
export function helpFor(conflict: Conflict, operation: Operation): string {
  return flagsFor(conflict, operation)
    .map((flag) => `${flag} ${conflict.path} ${effectOf(flag, conflict)}`)
    .join('; ');
}

/** Throws for a disk that is not to be deleted, or not there: indices are numbers, and a wrong one is soon typed. */
export function checkPurge(plan: Plan, purgeData: PurgeData): void {
  if (typeof purgeData === 'string') return;
  const runtimes = new Set((plan.owned.runtimes ?? []).map(({ index }) => index));
  const kept = purgeData.find((index) => runtimes.has(index));
  if (kept !== undefined) {
    const what = `--purge-data ${kept}: runtime ${kept} is in the config, and so its disk stays`;
    throw new VllmdError('usage', what, `\`sudo vllmd disk reset ${kept}\` makes a fresh disk`);
  }
  const data = plan.changes.filter(({ type }) => type === 'data');
  const idle = purgeData.find(
    (index) => !data.some(({ path }) => path.includes(`/runtime-${index}/`)),
  );
  if (idle === undefined) return;
  const what = `--purge-data ${idle}: there are no data of a runtime ${idle}`;
  throw new VllmdError('usage', what, 'see the directories `runtime-N` in state_dir');
}
