import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type {
  RuntimeBackend,
  RuntimeHost,
  RuntimeModel,
} from '../../src/core/fleet/runtimes-file.ts';
import type { Answer } from './call.ts';
import { freePort } from './llama-run.ts';

export const program: string = fileURLToPath(new URL('../../dist/vllmd.mjs', import.meta.url));
const server = fileURLToPath(new URL('fleet-server.mjs', import.meta.url));

/** One that runs until it is ended, in the foreground. */
type ModelSketch = Partial<RuntimeModel['launch']> & { readonly source?: string };

export type FleetSketch = {
  /** By ID. Commands can name `$NOTES`, a file that tests read. */
  readonly models?: Readonly<Record<string, ModelSketch>>;
  readonly backend?: Partial<RuntimeBackend>;
  readonly hosts?: Readonly<Record<string, Partial<RuntimeHost>>>;
  /** Of vllmd, besides what it has in any case. */
  readonly env?: Readonly<Record<string, string | undefined>>;
};

type Started = {
  readonly pid: number;
  readonly name: string;
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
};

/** Has something done when a test is over; one of several that run at once has such a hook of its own. */
export type AtTestEnd = (call: () => void | Promise<void>) => void;

/** A file of runtimes on this machine, in a folder with its state. What it starts ends with the test. */
export async function fleet(sketch: FleetSketch = {}, atTestEnd: AtTestEnd = onTestFinished) {
  const folder = mkdtempSync(join(tmpdir(), 'vllmd-fleet-'));
  const port = await freePort();
  const notes = join(folder, 'started');
  const file = join(folder, 'runtimes.json');
  const state = join(folder, 'state/vllmd/fleet');
  const env = {
    ...process.env,
    ...sketch.env,
    XDG_STATE_HOME: join(folder, 'state'),
    NOTES: notes,
  };
  const children: ChildProcess[] = [];
  const started = () =>
    linesOf(notes)
      .filter((line) => line.startsWith('{'))
      .map(parsed);
  atTestEnd(() => {
    for (const { pid = 0 } of children) end(pid);
    for (const { pid } of started()) end(pid);
    return removeAll(folder);
  });
  const write = (own: FleetSketch, ownPort = port) =>
    writeFileSync(file, JSON.stringify(documentOf(own, ownPort, notes), undefined, 2), {
      mode: 0o600,
    });
  write(sketch);
  const begin = (...words: readonly string[]) => {
    const child = spawn(process.execPath, [program, ...words, '--file', file], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env,
    });
    children.push(child);
    return { child, ended: answerOf(child) };
  };
  return {
    ...{ folder, file, port, notes, state, env, write, begin, started },
    call: (...words: readonly string[]) => begin(...words).ended,
    select: (...words: readonly string[]) => begin('select', ...words).ended,
    /** Lines of `$NOTES` that commands have written. */
    said: () => linesOf(notes).filter((line) => !line.startsWith('{')),
    running: () =>
      started()
        .filter(({ pid }) => isAlive(pid))
        .map(({ name }) => name),
    record: () => JSON.parse(readFileSync(join(state, 'runtime-active.json'), 'utf8')),
    hasRecord: () => existsSync(join(state, 'runtime-active.json')),
  };
}

function documentOf(
  { models = { one: {} }, backend, hosts = { here: {} } }: FleetSketch,
  port: number,
  notes: string,
) {
  return {
    schema_version: 1,
    hosts: Object.entries(hosts).map(([id, more]) => ({
      ...{ id, display_name: id, enabled: true, transport: 'local', connection: {} },
      capabilities: { gpu: [], backends: ['cpu'] },
      health: { check_cmd: 'true' },
      // The pattern is in no other process: the one of a shell that runs it would match as well.
      model_control: { stop_cmd: `pkill -f ${notes} || true` },
      ...more,
    })),
    backends: [
      {
        ...{ id: 'cpu', display_name: 'CPU', enabled: true, type: 'cpu', host_filters: 'any' },
        ...backend,
      },
    ],
    models: Object.entries(models).map(([id, { source = `/models/${id}.gguf`, ...launch }]) => ({
      ...{ id, display_name: `Model ${id}`, enabled: true, source },
      ...{ host_policy: 'any', backend_policy: 'any' },
      launch: {
        start_cmd: `exec ${process.execPath} ${server} {host} {port} {model_id} ${notes} {source} {backend_args}`,
        probe_cmd: 'curl -sf http://{host}:{port}/health',
        probe_interval_ms: 50,
        ...launch,
      },
      runtime_defaults: { port },
    })),
  };
}

/** The command that starts the server of a test, for one that wraps it. */
export function serverCommand(notes: string): string {
  return `${process.execPath} ${server} {host} {port} {model_id} ${notes}`;
}

async function answerOf(child: ChildProcess): Promise<Answer & { readonly signal: string | null }> {
  let out = '';
  let err = '';
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    out += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    err += text;
  });
  const [code, signal] = await once(child, 'close');
  return { code: code ?? -1, signal, out, err };
}

/** Of a file; none where there is none. */
export function linesOf(path: string): readonly string[] {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
}

function parsed(line: string): Started {
  return JSON.parse(line);
}

function isAlive(pid: number): boolean {
  try {
    return (
      process.kill(pid, 0) && !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
    );
  } catch {
    return false;
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** Waits for what another process does. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await wait(20);
}

/** Who answers at a port, of this machine unless another address is given; undefined: nobody. */
export async function nameAt(port: number, address = '127.0.0.1'): Promise<string | undefined> {
  try {
    return await (await fetch(`http://${address}:${port}/name`)).text();
  } catch {
    return undefined;
  }
}

/** What ends writes its exit code down meanwhile, into a directory that has been emptied already: so it is emptied again. */
async function removeAll(folder: string): Promise<void> {
  for (let tries = 1; existsSync(folder); tries += 1) {
    try {
      rmSync(folder, { recursive: true });
    } catch (error) {
      if (tries === 100) throw error;
      await wait(50);
    }
  }
}
