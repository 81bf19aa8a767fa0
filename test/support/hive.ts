import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

/** As it is built. */
export const PROGRAM: string = fileURLToPath(new URL('../../dist/vllmd.mjs', import.meta.url));

/** A registry that runs as its users run it. */
export type RunningHive = {
  readonly url: string;
  readonly folder: string;
  readonly process: ChildProcess;
  /** What it has said on standard error so far. */
  readonly said: () => string;
  /** Its exit code. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<number | null>;
};

type Control = Readonly<Record<string, unknown>>;

/** `control` is control.yaml, to which a port and where hosts of tests may have their services are added. */
export async function startHive(
  control: Control,
  roles: readonly unknown[] = [],
): Promise<RunningHive> {
  const folder = mkdtempSync(`${tmpdir()}/hive-`);
  writeFileSync(`${folder}/roles.yaml`, JSON.stringify({ roles }));
  const whole = {
    ...{ server: { host: '127.0.0.1', port: 0 }, roles_path: 'roles.yaml' },
    ...control,
    // Nobody sends heartbeats here, and a slow machine takes its time.
    routing: {
      ...{ allow_networks: ['127.0.0.0/8'], health_stale_after_s: 3600 },
      ...(control['routing'] as Control | undefined),
    },
  };
  writeFileSync(`${folder}/control.yaml`, JSON.stringify(whole), { mode: 0o600 });
  return runHive(folder);
}

/** The same in a folder that has a control.yaml. */
export async function runHive(folder: string): Promise<RunningHive> {
  const child = spawn(process.execPath, [PROGRAM, 'hive', 'serve', '--config', 'control.yaml'], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  let text = '';
  const url = await new Promise<string>((done, fail) => {
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const [, found] = /^listening on (http:\S+)$/m.exec(text) ?? [];
      if (found !== undefined) done(found);
    });
    child.on('exit', (code) => fail(new Error(`it ended with ${code}: ${text}`)));
  });
  return {
    ...{ url, folder, process: child },
    said: () => text,
    stop: async (signal = 'SIGTERM') => {
      if (child.exitCode !== null) return child.exitCode;
      child.kill(signal);
      await once(child, 'exit');
      return child.exitCode;
    },
  };
}
