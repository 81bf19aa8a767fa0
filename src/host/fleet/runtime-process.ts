import { randomBytes } from 'node:crypto';
import type { RuntimeProcess } from '../../core/fleet/active-record.ts';
import { LOOK_AT, STOP, scriptWith, TAIL } from './process-scripts.ts';
import { exportsOf } from './session-script.ts';
import { IDENTIFY, START } from './start-script.ts';
import type { ShellResult, Transport } from './transport.ts';

const LOOK_MS = 15_000;
const STOP_MS = 30_000;
const TICK_MS = 100;

/** What has become of a started command, and of all that it has started itself. */
export type RuntimeState =
  | { readonly kind: 'running' }
  /** 0: it has handed over to somebody else, such as a daemon, of whom nothing is known here. */
  | { readonly kind: 'ended'; readonly exitCode: number }
  /** Without a word. */
  | { readonly kind: 'gone' }
  /** The host does not say. */
  | { readonly kind: 'unknown'; readonly why: string };

export type StartRequest = {
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
  /** Of the model: its unit and its log are named after it. */
  readonly modelId: string;
  readonly hostId: string;
  /** For so long it is looked at. */
  readonly graceMs: number;
  /** Of all of it. */
  readonly timeoutMs: number;
  readonly until?: AbortSignal | undefined;
  /** Awaited before anything runs: by this the runtime is found, whatever becomes of whoever starts it. */
  readonly onIdentity?: ((process: RuntimeProcess) => void | Promise<void>) | undefined;
};

export type StartOutcome = {
  /** It may run whatever the state is; undefined where the host does not say what was started. */
  readonly process: RuntimeProcess | undefined;
  /** false: it is certain that nothing was started, as when there is no place for the log. */
  readonly hasBegun: boolean;
  readonly state: RuntimeState;
  /** The end of its log, where it has failed. */
  readonly log: readonly string[];
  readonly isTimedOut: boolean;
  readonly isAborted: boolean;
};

/** Starts a command that outlives vllmd and the connection. One that ends with 0 counts as started. */
export async function startRuntime(
  transport: Transport,
  { command, env, modelId, hostId, graceMs, timeoutMs, until, onIdentity }: StartRequest,
): Promise<StartOutcome> {
  const identifying = {
    name: `${modelId}-${hostId}`,
    unit: `vllmd-model-${modelId}-${randomBytes(4).toString('hex')}.service`,
  };
  const marker = randomBytes(16).toString('hex');
  const place = await transport.run({
    ...{ script: scriptWith(identifying, IDENTIFY), env: {}, until },
    timeoutMs: Math.min(timeoutMs, LOOK_MS),
  });
  const identity = processOf(answersOf(place.stdout), { hostId, marker });
  if (identity === undefined || place.exitCode !== 0) return notStarted(place);
  await onIdentity?.(identity);
  const values = {
    ...identifying,
    ...{ command, marker, exports: exportsOf(env) },
    ticks: String(Math.ceil(graceMs / TICK_MS)),
  };
  const script = scriptWith(values, START);
  const result = await transport.run({ script, env: {}, timeoutMs, until });
  const said = answersOf(result.stdout);
  const isCutOff = result.connection !== undefined || result.isTimedOut || result.isAborted;
  const process = startedOf(said, { hostId, marker }) ?? (isCutOff ? identity : undefined);
  const state = stateOf(said, result);
  const hasFailed = state.kind !== 'running' && !(state.kind === 'ended' && state.exitCode === 0);
  const isReached = process !== undefined && result.connection === undefined;
  const log = hasFailed && isReached ? await logTail(transport, process, 20) : [];
  const { isTimedOut, isAborted } = result;
  // The script ends with 1 where it gives up before it starts anything; a shell that was killed has another code.
  const hasBegun = process !== undefined || result.exitCode !== 1;
  return { process, hasBegun, state, log, isTimedOut, isAborted };
}

/** What a start will be known by is asked for before anything is started. */
function notStarted(place: ShellResult): StartOutcome {
  const { isTimedOut, isAborted } = place;
  return {
    ...{ process: undefined, hasBegun: false, log: [], isTimedOut, isAborted },
    state: stateOf(new Map(), place),
  };
}

/** Whether it still runs. */
export async function lookAt(
  transport: Transport,
  process: RuntimeProcess,
  until?: AbortSignal,
): Promise<RuntimeState> {
  const script = scriptWith(valuesOf(process), LOOK_AT);
  const result = await transport.run({ script, env: {}, timeoutMs: LOOK_MS, until });
  return stateOf(answersOf(result.stdout), result);
}

/** Ends all of it: SIGTERM, SIGKILL 5 s later. `ended` and `gone`: nothing of it is left. */
export async function stopRuntime(
  transport: Transport,
  process: RuntimeProcess,
): Promise<RuntimeState> {
  const script = scriptWith(valuesOf(process), STOP);
  const result = await transport.run({ script, env: {}, timeoutMs: STOP_MS });
  return stateOf(answersOf(result.stdout), result);
}

/** The last lines of its log, as they are: what secret may be in them is the caller's care. */
export async function logTail(
  transport: Transport,
  process: RuntimeProcess,
  lines: number,
): Promise<readonly string[]> {
  const script = scriptWith({ log: process.log, lines: String(lines) }, TAIL);
  const { stdout } = await transport.run({ script, env: {}, timeoutMs: LOOK_MS });
  return stdout.split('\n').filter((line) => line !== '');
}

function valuesOf({ unit, group, marker, log }: RuntimeProcess): Record<string, string> {
  return {
    unit: unit?.name ?? '',
    manager: unit?.manager ?? '',
    pgid: String(group?.pgid ?? ''),
    start: String(group?.startTime ?? ''),
    marker: marker ?? '',
    log,
  };
}

type Answers = ReadonlyMap<string, string>;

function answersOf(stdout: string): Answers {
  return new Map(
    stdout.split('\n').flatMap((line): [string, string][] => {
      const at = line.indexOf('=');
      return at === -1 ? [] : [[line.slice(0, at), line.slice(at + 1)]];
    }),
  );
}

type Known = { readonly hostId: string; readonly marker: string };

/** What it is known by before its start. */
function processOf(said: Answers, { hostId, marker }: Known): RuntimeProcess | undefined {
  const log = said.get('log');
  const unit = said.get('unit');
  if (log === undefined) return undefined;
  if (unit === undefined) return { host_id: hostId, marker, log };
  const manager = said.get('manager') === 'user' ? 'user' : 'system';
  return { host_id: hostId, unit: { name: unit, manager }, log };
}

/** undefined: the start says nothing of it. */
function startedOf(said: Answers, known: Known): RuntimeProcess | undefined {
  const process = processOf(said, known);
  const pgid = said.get('pgid');
  if (process?.unit !== undefined) return process;
  if (process === undefined || pgid === undefined) return undefined;
  return { ...process, group: { pgid: Number(pgid), startTime: Number(said.get('start') ?? 0) } };
}

function stateOf(said: Answers, result: ShellResult): RuntimeState {
  const kind = said.get('state');
  if (kind === 'running' || kind === 'gone') return { kind };
  if (kind === 'ended') return { kind, exitCode: Number(said.get('code')) };
  if (result.connection !== undefined) return { kind: 'unknown', why: `ssh: ${result.connection}` };
  const lastLine = result.stderr.trimEnd().split('\n').at(-1) ?? '';
  const why = lastLine === '' ? `exit code ${result.exitCode}` : lastLine;
  return { kind: 'unknown', why: result.isTimedOut ? 'no answer in time' : why };
}
