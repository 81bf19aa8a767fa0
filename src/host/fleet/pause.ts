import { setTimeout } from 'node:timers/promises';

/** Ends sooner where it is aborted. */
export async function pause(milliseconds: number, until: AbortSignal): Promise<void> {
  try {
    await setTimeout(milliseconds, undefined, { signal: until });
  } catch (error) {
    if (!until.aborted) throw error;
  }
}
