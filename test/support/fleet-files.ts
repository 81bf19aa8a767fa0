import { readFileSync, writeFileSync } from 'node:fs';
import { run } from '../../src/cli/run.ts';
import { readConfigFile, STDIN_PATH } from '../../src/host/config-file.ts';
import type { Host } from '../../src/host/host.ts';
import { createLocalHost } from '../../src/host/local-host.ts';
import type { World } from '../../src/host/world.ts';
import { describedHost, testWorld } from './world.ts';

const uid = process.geteuid?.() ?? 0;

export type FleetCall = {
  readonly file: string;
  /** What comes on standard input. */
  readonly stdin?: unknown;
  /** Takes the place of the files of this machine. */
  readonly host?: Host;
  readonly world?: Partial<World>;
};

/** One command line on real files and real hosts. */
export async function fleet(
  argv: readonly string[],
  { file, stdin, host = realFiles, world: more = {} }: FleetCall,
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const world = testWorld(describedHost(), {
    uid,
    env: { PATH: process.env['PATH'], HOME: '/nowhere', VLLMD_RUNTIMES: file },
    host: () => host,
    treeHost: () => host,
    readConfigFile: (path, limits) =>
      path === STDIN_PATH
        ? { kind: 'bytes', bytes: Buffer.from(asText(stdin)) }
        : readConfigFile(path, limits),
    now: Date.now,
    ...more,
  });
  const code = await run([...argv], world);
  return { code, out: world.out(), err: world.err() };
}

export const realFiles = createLocalHost({ root: '', uid, setsOwner: uid === 0 });

function asText(stdin: unknown): string {
  return typeof stdin === 'string' ? stdin : JSON.stringify(stdin ?? '');
}

export function writeFleet(file: string, document: unknown): void {
  writeFileSync(file, `${JSON.stringify(document, undefined, 2)}\n`, { mode: 0o600 });
}

export function textOf(file: string): string {
  return readFileSync(file, 'utf8');
}

/** A host of this machine, a backend and a model, which name each other. */
export const sampleFleet = {
  schema_version: 1,
  hosts: [
    {
      ...{ id: 'here', display_name: 'Here', enabled: true, transport: 'local', connection: {} },
      capabilities: { gpu: [], backends: ['cpu'] },
      health: { check_cmd: 'true' },
      model_control: { stop_cmd: 'true' },
    },
  ],
  backends: [
    {
      ...{ id: 'cpu', display_name: 'CPU', enabled: true, type: 'cpu', host_filters: ['here'] },
      verify_cmd: 'test "$MODE" = fast',
      env: { MODE: 'fast' },
    },
  ],
  models: [
    {
      ...{ id: 'small', display_name: 'Small', enabled: true, source: 'https://example/x.gguf' },
      ...{ host_policy: ['here'], backend_policy: ['cpu'] },
      launch: { start_cmd: 'true', probe_cmd: 'test {port} = 8080' },
      runtime_defaults: { port: 8080 },
    },
  ],
};
