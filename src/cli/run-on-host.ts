import { VllmdError } from '../core/failure.ts';
import type { RuntimeHost } from '../core/fleet/runtimes-file.ts';
import type { HostCommand } from '../core/fleet/select-plan.ts';
import { localTransport } from '../host/fleet/local-transport.ts';
import { sshTransport } from '../host/fleet/ssh-transport.ts';
import type { ShellResult, Transport } from '../host/fleet/transport.ts';
import type { World } from '../host/world.ts';

/** The way that commands take to a host. */
export function transportTo({ transport, connection }: RuntimeHost, { env }: World): Transport {
  return transport === 'local' ? localTransport(env) : sshTransport(connection, env);
}

export function runOn(
  transport: Transport,
  { command, env, timeoutSec }: HostCommand,
  until: AbortSignal,
): Promise<ShellResult> {
  return transport.run({ script: command, env, timeoutMs: timeoutSec * 1000, until });
}

/** Ctrl-C ends what runs on hosts too, and then the command. */
export async function untilInterrupted<Value>(
  world: World,
  work: (until: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const interrupts = world.interrupts();
  const cut = new AbortController();
  interrupts.onSignal(() => cut.abort());
  try {
    const value = await work(cut.signal);
    const signal = interrupts.received();
    if (signal === undefined) return value;
    const exit = signal === 'SIGINT' ? 'interrupted' : 'terminated';
    throw new VllmdError(exit, 'left before all hosts had answered');
  } finally {
    interrupts.stop();
  }
}
