import type { ActiveRecord, RuntimeProcess } from '../../src/core/fleet/active-record.ts';
import type { RuntimeHost } from '../../src/core/fleet/runtimes-file.ts';
import type { SelectPlan, Step, StepKind, UndoStep } from '../../src/core/fleet/select-plan.ts';
import type { ActiveState } from '../../src/host/fleet/active-state.ts';
import type { ExecuteContext, ExecuteEvent } from '../../src/host/fleet/execute/context.ts';
import type { HostAccess } from '../../src/host/fleet/execute/host-access.ts';
import type { RuntimeState } from '../../src/host/fleet/runtime-process.ts';
import type { ShellResult } from '../../src/host/fleet/transport.ts';

const done: ShellResult = {
  ...{ exitCode: 0, stdout: '', stderr: '', isTimedOut: false, isAborted: false },
};

export const unreachable: Partial<ShellResult> = {
  exitCode: 255,
  connection: 'connect to host 10.0.0.10 port 22: Connection refused',
};

const log = ['loading the model', 'out of memory'];

export type Script = {
  /** What a command answers; else it succeeds, and a probe does as soon as a runtime runs on its host. */
  readonly answer?: (command: string, hostId: string) => Partial<ShellResult> | undefined;
  /** What has become of what was started, when it is started. */
  readonly start?: () => RuntimeState;
  /** A start is given up before anything is started, for this reason. */
  readonly cannotStart?: string;
  /** Of a runtime that is looked at; where it was probed, after its probe. */
  readonly state?: (isProbed: boolean) => RuntimeState;
  /** Why the process of a runtime may still run. */
  readonly end?: (hostId: string) => string | undefined;
  readonly active?: ActiveRecord;
  /** A signal before the call with this number. */
  readonly signalAt?: number;
  /** Nothing happens any more from the call with this number on, as after a kill -9. */
  readonly deathAt?: number;
};

/** Hosts that note what is done on them, with a clock that goes on while somebody waits. */
export function scriptedFleet(script: Script = {}) {
  const calls: string[] = [];
  const events: ExecuteEvent[] = [];
  const running = new Set(script.active?.host_ids);
  const signal = new AbortController();
  let record = script.active;
  let nowMs = Date.UTC(2026, 10, 26, 14);
  let isDead = false;
  const mustLive = () => {
    if (isDead) throw new Error('killed');
  };
  const note = (text: string) => {
    if (calls.length === script.signalAt) signal.abort('SIGINT');
    isDead ||= calls.length === script.deathAt;
    mustLive();
    calls.push(text);
    nowMs += 10;
  };
  const access: HostAccess = {
    run: async ({ id }, { command }, { timeoutMs, until }) => {
      note(`${id}: ${command}`);
      if (until?.aborted === true) return { ...done, exitCode: 143, isAborted: true };
      const own = script.answer?.(command, id);
      if (own?.isTimedOut === true) nowMs += timeoutMs;
      if (own !== undefined) return { ...done, ...own };
      if (command.startsWith('stop')) running.delete(id);
      const isHealthy = !command.startsWith('probe') || running.has(id);
      return { ...done, exitCode: isHealthy ? 0 : 7 };
    },
    start: async ({ id }, { command }) => {
      note(`${id}: ${command}`);
      const flags = { isTimedOut: false, isAborted: false };
      if (script.cannotStart !== undefined) {
        const state = { kind: 'unknown', why: script.cannotStart } as const;
        return { process: undefined, hasBegun: false, state, log: [], ...flags };
      }
      running.add(id);
      const state = script.start?.() ?? { kind: 'running' };
      return { process: processOn(id), hasBegun: true, state, log, ...flags };
    },
    look: async ({ id }) =>
      script.state?.(calls.at(-1)?.includes(': probe') === true) ?? {
        kind: running.has(id) ? 'running' : 'gone',
      },
    end: async ({ id }) => {
      note(`${id}: (end of the process)`);
      const why = script.end?.(id);
      if (why !== undefined) return { kind: 'unknown', why };
      running.delete(id);
      return { kind: 'gone' };
    },
    logTail: async () => log,
    shown: (text) => text,
  };
  const state: ActiveState = {
    read: () => record,
    write: (next) => {
      mustLive();
      record = next;
    },
    remove: () => {
      mustLive();
      record = undefined;
    },
  };
  const context: ExecuteContext = {
    access,
    state,
    active: script.active,
    until: signal.signal,
    tell: (event) => void events.push(event),
    now: () => nowMs,
    wait: async (milliseconds) => {
      nowMs += milliseconds;
    },
  };
  return { context, calls, events, running, signal, record: () => record };
}

export function processOn(hostId: string): RuntimeProcess {
  return { host_id: hostId, group: { pgid: 4711, startTime: 99 }, log: `/logs/${hostId}.log` };
}

function hostOf(id: string, more: Partial<RuntimeHost> = {}): RuntimeHost {
  return {
    ...{ id, display_name: id.toUpperCase(), enabled: true, transport: 'local', connection: {} },
    capabilities: { gpu: [], backends: ['vulkan'] },
    health: { check_cmd: 'true' },
    model_control: { stop_cmd: `stop ${id}`, cleanup_cmd: `cleanup ${id}` },
    ...more,
  };
}

export function recordOf(hostId: string, more: Partial<ActiveRecord> = {}): ActiveRecord {
  return {
    ...{ format_version: 1, model_id: 'old', backend_id: 'vulkan', host_ids: [hostId] },
    ...{ healthy: true, started_at: '2026-11-26T10:00:00Z', endpoint: 'http://127.0.0.1:80/v1' },
    fingerprint: 'old',
    variables,
    processes: [processOn(hostId)],
    ...more,
  };
}

const variables = {
  ...{ source: '/models/new.gguf', port: 8080, host: '127.0.0.1', backend_args: [] },
  backend_env: ['GGML_VK_DEVICE=0'],
  ...{ model_id: 'new', host_id: 'h1', backend_id: 'vulkan' },
};

type PlanOptions = {
  readonly target?: string;
  /** Where something is stopped first. */
  readonly from?: readonly string[];
  readonly isReuse?: boolean;
  /** Whether a backend is verified before what runs is left as it is. */
  readonly isVerified?: boolean;
  /** Whether what is stopped is probed. */
  readonly isStopProbed?: boolean;
};

/** Every kind of step: stop and clean-up of what ran, apply, verify, start, probe. */
export function planOf({
  target = 'h1',
  from = [],
  isReuse = false,
  isVerified = false,
  isStopProbed = false,
}: PlanOptions): SelectPlan {
  const step = (kind: StepKind, hostId: string, undo: readonly UndoStep[] = []): Step => ({
    ...{ kind, hostId, command: `${kind.split('_')[0]} ${hostId}`, env: {}, timeoutSec: 30, undo },
    description: `${kind} on ${hostId}`,
    ...(kind === 'probe_health' ? { probeIntervalMs: 500 } : {}),
  });
  const undo = (kind: UndoStep['kind'], command: string): UndoStep => ({
    ...{ kind, command, hostId: target, env: {}, timeoutSec: 30, description: `undo ${kind}` },
  });
  const probe = step('probe_health', target);
  const steps = [
    ...from.flatMap((id) => [
      { ...step('stop_model', id), ...(isStopProbed ? { probe: step('probe_health', id) } : {}) },
      step('cleanup_model', id),
    ]),
    step('apply_backend', target, [undo('rollback_backend', `rollback ${target}`)]),
    step('verify_backend', target),
    step('start_model', target, [
      undo('stop_model', `stop ${target}`),
      undo('cleanup_model', `cleanup ${target}`),
    ]),
    probe,
  ];
  const ids = [...new Set([...from, target])];
  return {
    isReuse,
    reason: '',
    model: {
      ...{ id: 'new', display_name: 'New', enabled: true, source: '/models/new.gguf' },
      ...{ host_policy: 'any', backend_policy: 'any' },
      launch: { start_cmd: 'start', probe_cmd: 'probe' },
    },
    backend: {
      ...{ id: 'vulkan', display_name: 'Vulkan', enabled: true, type: 'vulkan' },
      host_filters: 'any',
    },
    target: hostOf(target),
    hosts: ids.map((id) => hostOf(id)),
    steps: isReuse ? [...(isVerified ? [step('verify_backend', target)] : []), probe] : steps,
    warnings: [],
    fingerprint: 'new',
    endpoint: 'http://127.0.0.1:8080/v1',
    variables,
  };
}
