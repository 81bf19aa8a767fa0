import { isMemberUnit } from '../../core/resolve/member.ts';
import type { TransactionGroup } from '../../core/transaction/groups.ts';
import { asError } from '../as-error.ts';
import type { Failure } from '../run-unit.ts';
import { settle } from '../settle.ts';
import type { Progress } from './progress.ts';
import { saveFailed } from './save-failed.ts';

/** Starts the units of a group and waits until they stay up. What has failed is returned. */
export async function activateGroup(
  group: TransactionGroup,
  progress: Progress,
): Promise<readonly Failure[]> {
  if (group.runs.length > 0) await progress.saveGroups([group.id], 'active');
  const failures = await startUnits(group, progress);
  if (failures.length > 0) await keepForALook(group, failures, progress);
  else await progress.saveGroups([group.id], 'good');
  return failures;
}

async function startUnits(
  { runs }: TransactionGroup,
  progress: Progress,
): Promise<readonly Failure[]> {
  const { host, context } = progress;
  for (const action of runs) {
    progress.stopIfInterrupted();
    const failure = await progress.run(action);
    if (failure !== undefined) return [failure];
  }
  progress.stopIfInterrupted();
  const started = runs
    .filter(({ verb }) => verb !== 'reset-failed')
    .flatMap(({ unit }) => unit ?? []);
  const members = started.filter(isMemberUnit);
  const settleMs = members.length > 0 ? context.settleMs : 0;
  if (settleMs > 0) context.on({ kind: 'settling', units: members, settleMs });
  const failures = await settle(started, host, { settleMs, wait: context.wait });
  for (const failure of failures) context.on({ kind: 'failed', failure });
  return failures;
}

/** What the runtimes were started from, and what they said, before the files go back. */
async function keepForALook(
  { id, runtimes }: TransactionGroup,
  failures: readonly Failure[],
  progress: Progress,
): Promise<void> {
  const { journal, host, context } = progress;
  if (runtimes.length === 0) return;
  const said = failures.map(({ message, journal: text }) => `${message}\n${text}\n`).join('\n');
  try {
    const isFirst = progress.failures.length === 0;
    const directory = await saveFailed(journal, { group: id, said, isFirst }, host);
    context.on({ kind: 'kept-failed', directory });
  } catch (error) {
    // The way back does not depend on it.
    context.on({ kind: 'not-kept', why: asError(error).message });
  }
}
