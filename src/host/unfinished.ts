import type { HostReader } from './host.ts';

/** Whether an install was cut off, or waits for a word. */
export async function readUnfinished(
  host: HostReader,
  isBusy: boolean,
): Promise<{ readonly interrupted: boolean; readonly unconfirmed: boolean }> {
  const { journal, confirm } = host.layer.record;
  const isThere = async (path: string) => (await host.read(path)).type !== 'absent';
  // One that runs right now is not cut off.
  const interrupted = !isBusy && (await isThere(journal));
  return { interrupted, unconfirmed: await isThere(confirm) };
}
