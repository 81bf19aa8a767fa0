import type { RuntimeProcess } from '../../../core/fleet/active-record.ts';
import type { RuntimeHost } from '../../../core/fleet/runtimes-file.ts';
import type { HostCommand } from '../../../core/fleet/select-plan.ts';
import {
  logTail,
  lookAt,
  type RuntimeState,
  type StartOutcome,
  type StartRequest,
  startRuntime,
  stopRuntime,
} from '../runtime-process.ts';
import type { ShellResult, Transport } from '../transport.ts';

/** What is done on hosts, whichever way leads to them. */
export type HostAccess = {
  /** A text of the file, or of an error, as it may be shown. */
  readonly shown: (text: string) => string;
  readonly run: (
    host: RuntimeHost,
    command: HostCommand,
    how: { readonly timeoutMs: number; readonly until?: AbortSignal | undefined },
  ) => Promise<ShellResult>;
  /** Comes back as soon as it is known what runs. */
  readonly start: (
    host: RuntimeHost,
    command: HostCommand,
    how: Pick<StartRequest, 'modelId' | 'onIdentity' | 'until'>,
  ) => Promise<StartOutcome>;
  readonly look: (host: RuntimeHost, process: RuntimeProcess) => Promise<RuntimeState>;
  /** Ends all of it. */
  readonly end: (host: RuntimeHost, process: RuntimeProcess) => Promise<RuntimeState>;
  /** The last lines of its log. */
  readonly logTail: (host: RuntimeHost, process: RuntimeProcess) => Promise<readonly string[]>;
};

const LOG_LINES = 20;

/** `transportOf` is asked once for each way to a host: one that has moved is reached where it was, too. */
export function hostAccess(transportOf: (host: RuntimeHost) => Transport): HostAccess {
  const known = new Map<string, Transport>();
  const to = (host: RuntimeHost) => {
    const way = JSON.stringify([host.id, host.transport, host.connection]);
    const transport = known.get(way) ?? transportOf(host);
    known.set(way, transport);
    return transport;
  };
  return {
    shown: (text) => text,
    run: (host, { command, env }, { timeoutMs, until }) =>
      to(host).run({ script: command, env, timeoutMs, until }),
    start: (host, { command, env, timeoutSec }, { modelId, onIdentity, until }) =>
      startRuntime(to(host), {
        ...{ command, env, modelId, onIdentity, until, hostId: host.id },
        ...{ graceMs: 0, timeoutMs: timeoutSec * 1000 },
      }),
    look: (host, process) => lookAt(to(host), process),
    end: (host, process) => stopRuntime(to(host), process),
    logTail: (host, process) => logTail(to(host), process, LOG_LINES),
  };
}

/** It will not answer any more. One that has ended with 0 has handed over to another process. */
export function hasFailed(state: RuntimeState): boolean {
  return state.kind === 'gone' || (state.kind === 'ended' && state.exitCode !== 0);
}

/** Why it may still run; undefined where nothing of it does. */
export function whyLeft(state: RuntimeState): string | undefined {
  switch (state.kind) {
    case 'running':
      return 'what was started does not end';
    case 'unknown':
      return state.why;
    case 'ended':
    case 'gone':
      return undefined;
    default:
      return state satisfies never;
  }
}
