import { bootedDigest as digestOfBooted, parseBooted } from '../../core/plan/booted.ts';
import { isActive, isStarting } from '../../core/plan/observed.ts';
import { isTargetUnit } from '../../core/resolve/layer.ts';
import { bootedPath } from '../../core/resolve/layout.ts';
import { memberOfUnit } from '../../core/resolve/member.ts';
import { isAt } from '../../core/transaction/entries.ts';
import type { Journal, JournalUnit } from '../../core/transaction/journal.ts';
import type { Host } from '../host.ts';
import { settle } from '../settle.ts';
import { readUnit } from '../systemctl.ts';
import type { UndoContext } from './undo.ts';

/** Groups that are as the plan wanted them already. */
export async function finishedGroups(
  journal: Journal,
  host: Host,
  context: UndoContext,
): Promise<readonly number[]> {
  if (journal.phase !== 'activating') return [];
  const finished: number[] = [];
  for (const { id, state } of journal.groups) {
    if (state !== 'undone' && (await isNew(journal, id, host, context))) finished.push(id);
  }
  const isWhole = finished.length === journal.groups.length;
  if (journal.allOrNothing === true && !isWhole) return [];
  return hasRuntime(journal, finished) ? finished : [];
}

/** What all share stays for those that stay; for nobody it goes back. */
function hasRuntime(journal: Journal, finished: readonly number[]): boolean {
  const others = journal.groups.filter(({ id }) => id !== 0);
  return others.length === 0 || others.some(({ id }) => finished.includes(id));
}

/** Whether everything of a group already is as the plan wanted it. */
async function isNew(
  journal: Journal,
  id: number,
  host: Host,
  context: UndoContext,
): Promise<boolean> {
  const state = journal.groups.find((group) => group.id === id)?.state;
  if (state === 'undoing' || state === 'undone' || (await isPartlyOld(journal, id, host))) {
    return false;
  }
  const units = journal.units.filter(({ group }) => group === id);
  const hasUnits = !context.isBoot && !journal.isOffline;
  if (state === 'good') return !(hasUnits && (await hasStopped(units, host)));
  if (units.length === 0) return true;
  // At boot nothing runs that could prove it.
  if (context.isBoot || state === 'pending') return false;
  for (const unit of units) {
    if (!(await isAsPlanned(unit, journal, host))) return false;
  }
  const started = units.filter(({ verbs }) => verbs.some((verb) => runs.has(verb)));
  const names = started.map(({ unit }) => unit);
  return (await settle(names, host, context)).length === 0;
}

/** A way back may have begun without a word in the journal, where there was no room for one. */
async function isPartlyOld(journal: Journal, id: number, host: Host): Promise<boolean> {
  for (const { group, path, before } of journal.changes) {
    if (group === id && isAt(await host.read(path), before)) return true;
  }
  return false;
}

/** A way back begins with stops; its files may not have been reached. */
async function hasStopped(units: readonly JournalUnit[], host: Host): Promise<boolean> {
  for (const { unit, verbs } of units) {
    if (isTargetUnit(unit) || !runs.has(verbs.at(-1) ?? '')) continue;
    const state = await readUnit(host, unit);
    if (!isActive(state) && !isStarting(state)) return true;
  }
  return false;
}

const runs: ReadonlySet<string> = new Set(['start', 'restart']);

async function isAsPlanned(
  { unit, verbs, invocation }: JournalUnit,
  journal: Journal,
  host: Host,
): Promise<boolean> {
  const state = await readUnit(host, unit);
  const last = verbs.at(-1);
  if (last === 'stop') return !isActive(state);
  // Nothing tells whether a unit has been reloaded.
  if (last === 'reload' || !isActive(state) || state.invocation === invocation) return false;
  const member = memberOfUnit(unit);
  // Nothing but a VM says what it was started from.
  if (typeof member !== 'number') return true;
  const wanted = journal.after.units.find(({ name }) => name === unit)?.startDigest;
  return (await bootedDigest(host, member)) === wanted;
}

async function bootedDigest(host: Host, index: number): Promise<string | undefined> {
  const entry = await host.read(bootedPath(index));
  const texts = entry.type === 'file' ? parseBooted(entry.text) : undefined;
  return texts === undefined ? undefined : digestOfBooted(index, texts);
}
