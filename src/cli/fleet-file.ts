import { isAbsolute } from 'node:path';
import { visible } from '../core/control-characters.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import { VllmdError } from '../core/failure.ts';
import type { FileAccess } from '../core/fleet/file-mode.ts';
import { locateJson } from '../core/fleet/json/locate-json.ts';
import { maskJson } from '../core/fleet/json/mask-json.ts';
import { type CheckedFleet, type LoadedFleet, loadFleet } from '../core/fleet/load.ts';
import { sha256 } from '../core/plan/digest.ts';
import type { World } from '../host/world.ts';
import { type ConfigOptions, modeOf, type Source } from './config-options.ts';
import { type FoundConfig, invokingHome, isStdin, readPlace } from './find-config.ts';
import { shellLine } from './shell-line.ts';
import { type Language, showDiagnostics } from './show-diagnostics.ts';

/** Names runtimes.json where no option does. */
const RUNTIMES_VARIABLE = 'VLLMD_RUNTIMES';

/** What the command line says about runtimes.json. */
export type FleetOptions = Omit<ConfigOptions, 'config'> & { readonly file?: string | undefined };

export type FleetFile = CheckedFleet & {
  readonly source: FleetSource;
  readonly warnings: readonly Diagnostic[];
  /** A pipe, or standard input: a second look would find nothing. */
  readonly isReadOnce: boolean;
  readonly access: FileAccess;
};

/** For `showDiagnostics`, which tells of such a file in its own order. */
type FleetSource = Source & { readonly language: Language; readonly isInOrder: true };

/** The file with hosts, backends and models; where it is not valid its problems are shown, and it is undefined. */
export async function loadFleetOrShow(
  options: FleetOptions,
  world: World,
): Promise<FleetFile | undefined> {
  const found = await findFleetFile(options.file, world);
  const { loaded, source } = readFleetFile(found, options, world);
  if (loaded.result.ok) {
    const { value, warnings } = loaded.result;
    const isReadOnce = isStdin(found.absolutePath) || found.permissions === undefined;
    return { ...value, source, warnings, isReadOnce, access: accessOf(found, world) };
  }
  await showDiagnostics(loaded.result.diagnostics, source, options.json, world);
  return undefined;
}

/** The same for a command that shows the file: its warnings go to stderr. */
export async function loadFleetAndTell(
  options: FleetOptions,
  world: World,
): Promise<FleetFile | undefined> {
  const loaded = await loadFleetOrShow(options, world);
  if (loaded !== undefined && loaded.warnings.length > 0) {
    await showDiagnostics(loaded.warnings, loaded.source, false, world);
  }
  return loaded;
}

/** The same for a command that only uses the file: where its warnings are to be seen. */
export async function loadFleetToUse(
  options: FleetOptions,
  world: World,
): Promise<FleetFile | undefined> {
  const loaded = await loadFleetOrShow(options, world);
  const count = loaded?.warnings.length ?? 0;
  if (loaded !== undefined && count > 0) {
    const named = options.file === undefined ? [] : ['--file', options.file];
    const mode = options.lenient === true ? ['--lenient'] : [];
    const command = shellLine(['vllmd', 'hosts', 'validate', ...named, ...mode]);
    const what = `${count} ${count === 1 ? 'warning' : 'warnings'}`;
    const shows = count === 1 ? 'shows it' : 'shows them';
    world.stderr.write(`${visible(loaded.source.file)}: ${what}; \`${command}\` ${shows}\n`);
  }
  return loaded;
}

function readFleetFile(
  found: FoundConfig,
  options: FleetOptions,
  world: World,
): { readonly loaded: LoadedFleet; readonly source: FleetSource } {
  const { file, absolutePath, bytes } = found;
  const home = world.env['HOME'];
  const access = accessOf(found, world);
  const loaded = loadFleet(bytes, { mode: modeOf(options), file, ...access, home });
  const { text } = loaded;
  const language = { locate: locateJson, mask: (all: string) => maskJson(all, home) };
  const source = { file, absolutePath, text, sha256: sha256(text), language };
  return { loaded, source: { ...source, isInOrder: true } };
}

function accessOf({ permissions, owner }: FoundConfig, { uid }: World): FileAccess {
  return { permissions, owner, uid };
}

async function findFleetFile(named: string | undefined, world: World): Promise<FoundConfig> {
  const place = await fleetPlace(named, world);
  const found = readPlace(place, world, { option: '--file', variable: RUNTIMES_VARIABLE });
  if (found !== undefined) return found;
  if (named !== undefined) {
    throw new VllmdError(
      'noConfig',
      `the file ${place} does not exist`,
      'see how it is spelled; --file FILE names another',
    );
  }
  const what = isInVariable(world)
    ? `which $${RUNTIMES_VARIABLE} names`
    : 'the file with hosts, backends and models';
  const help =
    (await helpUnderSudo(world)) ??
    '`vllmd hosts add` makes it, and docs/fleet.md shows one; name another with --file FILE';
  throw new VllmdError('noConfig', `there is no ${place}, ${what}`, help);
}

/** Commands of the file run as the account that vllmd runs as: root takes that of nobody else unless it is told to. */
async function helpUnderSudo(world: World): Promise<string | undefined> {
  if (isInVariable(world)) return undefined;
  const home = await invokingHome(world);
  if (home === undefined || home === world.env['HOME']) return undefined;
  const path = `${home}/.config/${FILE_NAME}`;
  if (!(await world.treeHost('').exists(path))) return undefined;
  return `without sudo it is ${path}; \`${shellLine(['--file', path])}\` names it, and its commands would then run as root`;
}

/**
 * Where the file is, or would be: as it was named, by an option or in the environment, else the usual place of the account
 * that vllmd runs as, where its state is, too.
 */
export async function fleetPlace(named: string | undefined, world: World): Promise<string> {
  if (named === '') {
    const help = 'name one, or leave --file out; is a variable of the shell empty?';
    throw new VllmdError('usage', '--file FILE: the value is empty', help);
  }
  const given = named ?? world.env[RUNTIMES_VARIABLE];
  if (given !== undefined && given !== '') return given;
  const ofUser = world.env['XDG_CONFIG_HOME'];
  // A relative one is to be ignored.
  if (ofUser !== undefined && isAbsolute(ofUser)) return `${ofUser}/${FILE_NAME}`;
  const home = world.env['HOME'];
  if (home !== undefined && home !== '') return `${home}/.config/${FILE_NAME}`;
  throw new VllmdError(
    'noConfig',
    'nobody knows where runtimes.json is: $HOME is not set',
    `name it with --file FILE, or in $${RUNTIMES_VARIABLE}`,
  );
}

const FILE_NAME = 'idlehands/runtimes.json';

function isInVariable({ env }: World): boolean {
  return (env[RUNTIMES_VARIABLE] ?? '') !== '';
}
