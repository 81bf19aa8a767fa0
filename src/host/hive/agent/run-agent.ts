import { visible, visibleLines } from '../../../core/control-characters.ts';
import { VllmdError } from '../../../core/failure.ts';
import { pause } from '../../fleet/pause.ts';
import { RefusedError } from '../client/refused.ts';
import type { Agent } from './agent.ts';

export type RunOptions = {
  /** How the registry is called in what is told. */
  readonly url: string;
  /** From the begin of a round to that of the next one. */
  readonly intervalMs: number;
  /** Between tries where it refuses, and the longest one between those where it cannot be reached. */
  readonly slowMs: number;
  readonly tell: (line: string) => void;
  /** Ends a pause; another one for each. */
  readonly wake: () => AbortSignal;
  readonly ended: AbortSignal;
};

/** Round after round until it is ended. Throws where the registry refuses the host from the beginning. */
export async function runAgent(agent: Agent, options: RunOptions): Promise<void> {
  const { ended, wake } = options;
  const tellOf = troubleTeller(options);
  let failures = 0;
  while (!ended.aborted) {
    const startedMs = performance.now();
    const error = await failureOf(agent);
    if (ended.aborted) return;
    if (isFinal(error, agent)) throw error;
    failures = error === undefined ? 0 : failures + 1;
    tellOf(error);
    const passedMs = performance.now() - startedMs;
    await pause(Math.max(0, pauseMs(error, failures, options) - passedMs), wake());
  }
}

/** Tells why nothing is reported when that changes, and when it is over. */
function troubleTeller({ url, tell }: RunOptions): (error: VllmdError | undefined) => void {
  let told: string | undefined;
  return (error) => {
    const line = error === undefined ? undefined : `not reported: ${visibleLines(error.message)}`;
    if (line === told) return;
    told = line;
    tell(line ?? `reported again to the registry at ${visible(url)}`);
  };
}

/** What keeps a round from being reported; a bug is thrown. */
async function failureOf(agent: Agent): Promise<VllmdError | undefined> {
  try {
    await agent.round();
    return undefined;
  } catch (error) {
    if (error instanceof VllmdError) return error;
    throw error;
  }
}

/** Wrong keys, ids and endpoints do not become right by themselves: whoever has just started it should see it. */
function isFinal(error: VllmdError | undefined, agent: Agent): boolean {
  return isRefusal(error) && !agent.hasRegistered();
}

function isRefusal(error: VllmdError | undefined): boolean {
  return error instanceof RefusedError && [401, 403, 409, 422].includes(error.status);
}

function pauseMs(
  error: VllmdError | undefined,
  failures: number,
  { intervalMs, slowMs }: RunOptions,
): number {
  const mostMs = Math.max(intervalMs, slowMs);
  if (isRefusal(error)) return mostMs;
  return Math.min(mostMs, intervalMs * 2 ** Math.max(0, failures - 1));
}
