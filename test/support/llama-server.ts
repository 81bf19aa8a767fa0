import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { cacheRoot } from '../system/run.ts';

export type RealServer = {
  /** A `llama_cpp_path`. */
  readonly path: string;
  /** It is not there, which has been told: tests that need it are skipped. */
  readonly isMissing: boolean;
};

/** What test/llama/prereq.sh has got. In CI it has to be there. */
export function realLlamaServer(): RealServer {
  const path = join(cacheRoot, 'llama/llama-server');
  const isMissing = !existsSync(path);
  const obstacle = `there is no ${path}: bash test/llama/prereq.sh`;
  if (isMissing && process.env['CI'] !== undefined) throw new Error(obstacle);
  if (isMissing) process.stderr.write(`tests of llama-server skipped: ${obstacle}\n`);
  return { path, isMissing };
}

/** A `llama_cpp_path` as well: of the program whose model is a JSON file that says how it behaves. */
export const fakeLlamaServer: string = fileURLToPath(
  new URL('fake-llama-server.mjs', import.meta.url),
);

/** How the fake one was started. */
export type Start = {
  readonly pid: number;
  /** Without the program. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
};

/** Each start with this model, the first one first. */
export function startsOf(model: string): readonly Start[] {
  const file = `${model}.starts`;
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line): Start => JSON.parse(line));
}

export type Ended = {
  /** The exit code, or the signal that ended it. */
  readonly code: number | string;
  readonly output: string;
};

export type Served = {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly pid: number;
  readonly output: () => string;
  /** Sends a signal, SIGTERM without one, and waits for the end. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<Ended>;
  readonly ended: Promise<Ended>;
};

/** Runs a llama-server until it ends by itself. */
export async function endOf(path: string, args: readonly string[]): Promise<Ended> {
  return launch(path, args).ended;
}

/** Starts one on a free port of the loopback and waits until it is healthy. The test stops it at its end. */
export async function serve(path: string, args: readonly string[]): Promise<Served> {
  const served = await listen(path, args);
  while (!(await isHealthy(served.url))) await wait(10);
  return served;
}

/** The same, without waiting for a model. */
export async function listen(path: string, args: readonly string[]): Promise<Served> {
  const { child, output, ended } = launch(path, [...loopback, ...args]);
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    child.kill(signal);
    return ended;
  };
  // Not killed: a router ends its own processes first.
  onTestFinished(async () => void (await stop()));
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  for (;;) {
    // The rest of the line is there as well.
    const url = /listening on (http:\S+)\n/.exec(output())?.[1];
    if (url !== undefined) return { url, pid: child.pid ?? 0, output, stop, ended };
    if (isOver) throw new Error(`it has ended:\n${output()}`);
    await wait(10);
  }
}

/** Port 0 is one that is free, which its log tells. More threads than processors slow a tiny model down. */
const loopback = ['--host', '127.0.0.1', '--port', '0', '--threads', '2', '--no-ui'];

function launch(path: string, args: readonly string[]) {
  const child = spawn(path, [...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Variables of its own would change what it does.
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
  });
  const chunks: string[] = [];
  const note = (chunk: unknown) => void chunks.push(String(chunk));
  child.stdout.on('data', note);
  child.stderr.on('data', note);
  const output = () => chunks.join('');
  const ended = once(child, 'close').then(
    ([code, signal]): Ended => ({ code: signal ?? code, output: output() }),
  );
  return { child, output, ended };
}

async function isHealthy(url: string): Promise<boolean> {
  return (await fetch(`${url}/health`)).status === 200;
}

export type Answer = { readonly status: number; readonly json: unknown };

/** Posts what is to be posted, as whoever has the key. */
export async function ask(url: string, body?: unknown, key?: string): Promise<Answer> {
  const response = await fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      'content-type': 'application/json',
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, json: await response.json() };
}
