import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { readConfigFile } from '../../src/host/config-file.ts';
import { createLocalHost } from '../../src/host/local-host.ts';
import type { World } from '../../src/host/world.ts';
import type { Answer } from './call.ts';
import { fakeLlamaServer, startsOf } from './llama-server.ts';
import { type TestWorld, testWorld } from './world.ts';

/** How the fake llama-server behaves as one instance, and further lines of its server and control tables. */
export type Described = {
  readonly model?: unknown;
  readonly server?: readonly string[];
  readonly control?: readonly string[];
};

export type Instances = {
  readonly folder: string;
  readonly file: string;
  readonly model: (name: string) => string;
  readonly log: (name: string) => string;
  readonly ports: ReadonlyMap<string, number>;
};

/** A port of the loopback that is free now. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** A llama.cpp file with its models in a folder of its own. What it starts is ended, and the folder removed, with the test. */
export async function instances(
  described: Readonly<Record<string, Described>>,
  executable: string = fakeLlamaServer,
): Promise<Instances> {
  const folder = mkdtempSync(join(tmpdir(), 'vllmd-run-'));
  const model = (name: string) => join(folder, `${name}.json`);
  const names = Object.keys(described);
  onTestFinished(() => {
    for (const { pid } of names.flatMap((name) => startsOf(model(name)))) end(pid);
    rmSync(folder, { recursive: true });
  });
  const ports = new Map<string, number>();
  const tables = [
    `[master]\nllama_cpp_path = "${executable}"\n[instance.control]\nlog_dir = "${folder}/log"`,
  ];
  for (const [name, { model: behaviour = {}, server = [], control = [] }] of Object.entries(
    described,
  )) {
    const port = await freePort();
    ports.set(name, port);
    writeFileSync(model(name), JSON.stringify(behaviour));
    const own = server.some((line) => line.startsWith('port =')) ? [] : [`port = ${port}`];
    tables.push(
      [`[instance.${name}.control]`, ...control].join('\n'),
      [`[instance.${name}.server]`, `model = "${model(name)}"`, ...own, ...server].join('\n'),
    );
  }
  const file = join(folder, 'llama.toml');
  writeFileSync(file, `${tables.join('\n')}\n`);
  return {
    folder,
    file,
    model,
    ports,
    log: (name) => join(folder, 'log', `llama-server-${name}.log`),
  };
}

/** With all that it has started. */
function end(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Whether it has come to be so, in a minute at most. */
export async function becomes(isSo: () => boolean): Promise<boolean> {
  const endMs = Date.now() + 60_000;
  while (Date.now() < endMs) {
    if (isSo()) return true;
    await wait(20);
  }
  return false;
}

export type Running = { readonly world: TestWorld; readonly ended: Promise<Answer> };

/** `vllmd llama run` on this very machine, with a real clock. */
export function llamaRun(argv: readonly string[], options: Partial<World> = {}): Running {
  const { PATH, HOME } = process.env;
  const uid = process.geteuid?.() ?? 0;
  const world = testWorld(createLocalHost({ root: '', uid, setsOwner: false }), {
    env: { PATH, HOME },
    cwd: '/',
    readConfigFile,
    now: Date.now,
    wait: (milliseconds) => wait(milliseconds),
    ...options,
  });
  const ended = run(['llama', 'run', ...argv], world).then((code) => ({
    code,
    out: world.out(),
    err: world.err(),
  }));
  return { world, ended };
}
