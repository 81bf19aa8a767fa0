import { resolve } from 'node:path';
import { VllmdError } from '../core/failure.ts';
import { readAccount } from '../host/inspect.ts';
import type { World } from '../host/world.ts';

export type FoundConfig = {
  /** As it is shown: the way it was named, or the place it was found at. */
  readonly file: string;
  readonly absolutePath: string;
  readonly bytes: Uint8Array;
};

/** The config that was named, or the first of the usual places that has one. */
export async function findConfig(named: string | undefined, world: World): Promise<FoundConfig> {
  const places = await placesFor(named, world);
  const found = firstOf(places, world);
  if (found !== undefined) return found;
  throw new VllmdError(
    'noConfig',
    `there is no config file; looked at ${places.join(', ')}`,
    '`vllmd init` writes a first one; name another with --config FILE',
  );
}

/** For a command that does something without one as well. */
export async function findConfigIfAny(world: World): Promise<FoundConfig | undefined> {
  return firstOf(await placesFor(undefined, world), world);
}

async function placesFor(named: string | undefined, world: World): Promise<readonly string[]> {
  const given = named ?? world.env['VLLMD_HYPERVISOR_CONFIG'];
  return given === undefined || given === '' ? usualPlaces(world) : [given];
}

function firstOf(places: readonly string[], world: World): FoundConfig | undefined {
  for (const file of places) {
    const absolutePath = resolve(world.cwd, file);
    const found = world.readConfigFile(absolutePath);
    if (found.kind === 'bytes') return { file, absolutePath, bytes: found.bytes };
    if (found.kind === 'unreadable') {
      throw new VllmdError('noConfig', `cannot read the config ${file}: ${found.why}`);
    }
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

async function invokingHome(world: World): Promise<string | undefined> {
  const sudoUser = world.env['SUDO_USER'];
  if (world.uid !== 0 || sudoUser === undefined || sudoUser === '') return world.env['HOME'];
  const account = await readAccount(world.host(''), sudoUser);
  return account.known ? account.home : undefined;
}
