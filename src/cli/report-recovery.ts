import { membersInWords } from '../core/resolve/member.ts';
import type { Recovery } from '../host/transaction/recover.ts';
import type { World } from '../host/world.ts';
import { showRemainder, showSaved } from './report-outcome.ts';

/** What has become of an install that was cut off. */
export function reportRecovery(recovery: Recovery, world: World): void {
  const { journal, finished, undone, saved, incomplete } = recovery;
  const { stderr } = world;
  stderr.write(`an earlier ${journal.operation} was cut off\n`);
  if (incomplete !== undefined) {
    showRemainder(incomplete, world);
    return;
  }
  const runtimesOf = (ids: readonly number[]) =>
    journal.groups.filter(({ id }) => ids.includes(id)).flatMap(({ runtimes }) => runtimes);
  const stays = runtimesOf(finished);
  const back = runtimesOf(undone);
  const before = journal.before?.generation ?? 0;
  if (stays.length > 0) {
    stderr.write(`finished: ${membersInWords(stays)} on generation ${journal.after.generation}\n`);
  }
  if (back.length > 0) stderr.write(`undone: ${membersInWords(back)} as in generation ${before}\n`);
  if (stays.length + back.length === 0) {
    const word = undone.length > 0 ? 'undone' : 'finished';
    stderr.write(`${word}: no ${world.layer.member} was concerned\n`);
  }
  showSaved(saved, world);
}
