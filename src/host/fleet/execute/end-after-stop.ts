import type { RuntimeProcess } from '../../../core/fleet/active-record.ts';
import type { RuntimeHost } from '../../../core/fleet/runtimes-file.ts';
import type { ExecuteContext } from './context.ts';
import { whyLeft } from './host-access.ts';

/** A server that was told to stop may finish what it answers, and a second signal would cut that off. */
const LEAVE_MS = 5000;
const LOOK_AGAIN_MS = 250;

/** Sees to it that a runtime has ended behind its stop command; why it may still run, where it has not. */
export async function endAfterStop(
  host: RuntimeHost,
  process: RuntimeProcess,
  { access, now, wait, until }: ExecuteContext,
): Promise<string | undefined> {
  const limit = now() + LEAVE_MS;
  while (now() < limit && !until.aborted) {
    const state = await access.look(host, process);
    if (state.kind !== 'running') break;
    await wait(LOOK_AGAIN_MS, until);
  }
  return whyLeft(await access.end(host, process));
}
