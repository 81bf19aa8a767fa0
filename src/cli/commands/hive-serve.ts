import { dirname, resolve as resolvePath } from 'node:path';
import { visible, visibleLines } from '../../core/control-characters.ts';
import { exitCodes, VllmdError } from '../../core/failure.ts';
import type { Control } from '../../core/hive/control-file/control.ts';
import type { RoleDocument } from '../../core/hive/documents.ts';
import { type LoadedFile, loadControl, loadRoles } from '../../core/hive/files/load-file.ts';
import { optionsOf } from '../../host/hive/server/options-of.ts';
import { serveHive } from '../../host/hive/server/serve.ts';
import type { ServerOptions } from '../../host/hive/server/server-options.ts';
import type { Interrupts } from '../../host/interrupts.ts';
import type { World } from '../../host/world.ts';
import { readPlace } from '../find-config.ts';
import { hiveLanguage } from '../hive-language.ts';
import { showDiagnostics } from '../show-diagnostics.ts';

export type HiveServeOptions = { readonly config: string };

/** Serves until a signal ends it. A second signal does not wait for requests that are under way. */
export async function hiveServe({ config }: HiveServeOptions, world: World): Promise<number> {
  const options = await readOptions(config, world);
  if (options === undefined) return exitCodes.config;
  const interrupts = world.interrupts();
  const signals = countedSignals(interrupts);
  try {
    const serving = await serveHive(options, {
      now: world.now,
      tell: (text) => world.stderr.write(`${visibleLines(text)}\n`),
      tellBug: (text) => tellBug(text, world),
    });
    warn(options, world);
    world.stderr.write(`listening on ${serving.url}\n`);
    await signals.first;
    let isCutOff = false;
    void signals.second.then(() => {
      isCutOff = true;
      serving.cutOff();
    });
    const { drainDelayMs } = options.limits;
    if (drainDelayMs > 0) {
      const seconds = drainDelayMs / 1000;
      world.notes.write(`not ready any more; requests are taken for another ${seconds} s\n`);
    }
    await serving.announceEnd();
    world.notes.write('no new requests; those under way are brought to their end\n');
    await serving.drain();
    if (isCutOff) throw new VllmdError('terminated', 'ended before all requests had');
    // A signal is how it is meant to end.
    return exitCodes.ok;
  } finally {
    interrupts.stop();
  }
}

function countedSignals({ onSignal }: Interrupts) {
  const at = (wanted: number) =>
    new Promise<void>((done) => {
      onSignal((_signal, count) => {
        if (count === wanted) done();
      });
    });
  return { first: at(1), second: at(2) };
}

function tellBug(text: string, world: World): void {
  world.stderr.write(
    `error: this is a bug in vllmd; please report it with what follows\n${text}\n`,
  );
}

function warn({ keys }: ServerOptions, world: World): void {
  if (keys.benchmarks.length === 0 && keys.clients.length > 0) {
    world.stderr.write(
      'warning: whoever has a client key can write measurements, and so steer where requests go; `benchmark_api_keys` in `auth` would be theirs alone\n',
    );
  }
}

async function readOptions(config: string, world: World): Promise<ServerOptions | undefined> {
  const control = await read(config, loadControl, world);
  if (control === undefined) return undefined;
  const beside = (path: string) => resolvePath(world.cwd, dirname(config), path);
  const roles = await readRolesOf(control, beside, world);
  if (roles === undefined) return undefined;
  const auditLogPath = control.auditLog === undefined ? undefined : beside(control.auditLog);
  const sqlitePath = sqlitePathOf(control.storage.sqlitePath ?? 'hive.sqlite', beside);
  return optionsOf({ control, roles, sqlitePath, auditLogPath, version: world.version });
}

function sqlitePathOf(path: string, beside: (path: string) => string): string {
  return path === ':memory:' ? path : beside(path);
}

async function readRolesOf(
  { rolesPath }: Control,
  beside: (path: string) => string,
  world: World,
): Promise<readonly RoleDocument[] | undefined> {
  return rolesPath === undefined ? [] : read(beside(rolesPath), loadRoles, world);
}

/** What a file says; where it is not valid its problems are shown, and it is undefined. */
async function read<Value>(
  file: string,
  load: (bytes: Uint8Array) => LoadedFile<Value>,
  world: World,
): Promise<Value | undefined> {
  const found = readPlace(file, world, { option: '--config' });
  if (found === undefined) {
    throw new VllmdError(
      'noConfig',
      `the file ${visible(file)} does not exist`,
      'see how it is spelled',
    );
  }
  const { text, result } = load(found.bytes);
  const said = result.ok ? result.warnings : result.diagnostics;
  const source = { file, text, language: hiveLanguage, isInOrder: true } as const;
  if (said.length > 0) await showDiagnostics(said, source, false, world);
  return result.ok ? result.value : undefined;
}
