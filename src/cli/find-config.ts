import { resolve } from 'node:path';
import { VllmdError } from '../core/failure.ts';
import { STDIN_PATH } from '../host/config-file.ts';
import { readAccount } from '../host/inspect.ts';
import type { World } from '../host/world.ts';
import { shellLine } from './shell-line.ts';
import { CONFIG_VARIABLE, withSudo } from './with-sudo.ts';

export type FoundConfig = {
  /** As it is shown: the way it was named, or the place it was found at. */
  readonly file: string;
  readonly absolutePath: string;
  readonly bytes: Uint8Array;
  /** Of a regular file. */
  readonly permissions?: number | undefined;
  readonly owner?: number | undefined;
};

/** Names standard input, as in other programs. */
const STDIN = '-';

/** The config that was named, or the first of the usual places that has one. */
export async function findConfig(named: string | undefined, world: World): Promise<FoundConfig> {
  if (named === '') {
    const help =
      'name a file, or leave it out for the usual places; is a variable of the shell empty?';
    throw new VllmdError('usage', 'the name of the config is empty', help);
  }
  const places = await placesFor(named, world);
  const found = firstOf(places, world);
  if (found !== undefined) return found;
  const [place = ''] = places;
  if (named !== undefined) {
    const help = `see how it is spelled; \`${shellLine(['vllmd', 'init', '--output', place])}\` writes a first one`;
    throw new VllmdError('noConfig', `the config ${place} does not exist`, help);
  }
  if (isInVariable(world)) {
    throw new VllmdError(
      'noConfig',
      `the config ${place}, which $${CONFIG_VARIABLE} names, does not exist`,
      'unset it for the usual places, or name another with --config FILE',
    );
  }
  throw new VllmdError(
    'noConfig',
    `there is no config file; looked at ${places.join(', ')}`,
    '`vllmd init` writes a first one; name another with --config FILE',
  );
}

/** For a command that does something without one as well, unless one is named. */
export async function findConfigIfAny(world: World): Promise<FoundConfig | undefined> {
  if (isConfigNamed(undefined, world)) return findConfig(undefined, world);
  return firstOf(await placesFor(undefined, world), world);
}

export function isStdin(absolutePath: string): boolean {
  return absolutePath === STDIN_PATH;
}

/** Where what is kept of a config is its path: the host is compared with it later. */
export function mustBeFile(
  { file, absolutePath }: Pick<FoundConfig, 'absolutePath' | 'file'>,
  why: string,
): void {
  if (!isStdin(absolutePath)) return;
  throw new VllmdError('usage', `the config ${file} is standard input: ${why}`, 'name a file');
}

/** Whether a certain one is meant, by --config or by the environment: it has to be there. */
export function isConfigNamed(named: string | undefined, world: World): boolean {
  return named !== undefined || isInVariable(world);
}

async function placesFor(named: string | undefined, world: World): Promise<readonly string[]> {
  const given = named ?? world.env[CONFIG_VARIABLE];
  return given === undefined || given === '' ? usualPlaces(world) : [given];
}

function isInVariable({ env }: World): boolean {
  return (env[CONFIG_VARIABLE] ?? '') !== '';
}

function firstOf(places: readonly string[], world: World): FoundConfig | undefined {
  for (const file of places) {
    const found = readPlace(file, world);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What names a file of this kind. */
type Naming = { readonly option: string; readonly variable?: string };

/** The config of this name; undefined where there is none. */
export function readPlace(
  file: string,
  world: World,
  { option, variable }: Naming = { option: '--config' },
): FoundConfig | undefined {
  const absolutePath = file === STDIN ? STDIN_PATH : resolve(world.cwd, file);
  const found = world.readConfigFile(absolutePath);
  if (found.kind === 'bytes') {
    const { bytes, permissions, owner } = found;
    return { file, absolutePath, bytes, permissions, owner };
  }
  if (found.kind === 'forbidden') {
    const message = `cannot read the config ${file}: permission denied`;
    throw new VllmdError('needsRoot', message, `run \`${withSudo(world, variable)}\``);
  }
  if (found.kind === 'unreadable') {
    const message = `cannot read the config ${file}: ${found.why}`;
    throw new VllmdError('noConfig', message, `name another with ${option} FILE`);
  }
  return undefined;
}

/** Under sudo the home is that of the person who typed it. */
async function usualPlaces(world: World): Promise<readonly string[]> {
  const home = await invokingHome(world);
  const own =
    home === undefined
      ? []
      : [
          `${home}/.config/vllmd/config.toml`,
          `${home}/.config/vllmd/vllmd-hypervisor-runtime-defaults.toml`,
        ];
  return ['/etc/vllmd/config.toml', ...own];
}

export async function invokingHome(world: World): Promise<string | undefined> {
  const sudoUser = world.env['SUDO_USER'];
  if (world.uid !== 0 || sudoUser === undefined || sudoUser === '') return world.env['HOME'];
  const account = await readAccount(world.host(''), sudoUser);
  return account.known ? account.home : undefined;
}
