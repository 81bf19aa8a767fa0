import type { StopSignal } from '../../core/llama/run/outcome.ts';
import type { Started } from '../../host/spawn.ts';
import type { World } from '../../host/world.ts';

type EndOptions = {
  readonly timeoutMs: number;
  /** Called before it is killed. */
  readonly kill: () => void;
};

const LOOK_MS = 50;

/** Asks a server and all that it has started to end, and kills what has not done so in time. */
export async function endServer(
  server: Started,
  signal: StopSignal,
  { timeoutMs, kill }: EndOptions,
  { now, wait }: Pick<World, 'now' | 'wait'>,
): Promise<void> {
  const endMs = now() + timeoutMs;
  server.signal(signal);
  while (server.signal(0)) {
    if (now() >= endMs) {
      kill();
      server.signal('SIGKILL');
      return;
    }
    await wait(LOOK_MS);
  }
}
