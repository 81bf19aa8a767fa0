import { posix } from 'node:path';
import { parseBooted } from '../core/plan/booted.ts';
import {
  dropInDirectories,
  isDevicesDropIn,
  nameOf,
  ownDropIns,
  sharedDropIns,
  UNIT_PATH,
} from '../core/plan/drop-ins.ts';
import type { HostText, Observed } from '../core/plan/observed.ts';
import { isRecoverUnit } from '../core/resolve/layer.ts';
import { bootedPath, UNIT_DIR } from '../core/resolve/layout.ts';
import { type Member, memberDropIn, memberUnit } from '../core/resolve/member.ts';
import type { HostReader } from './host.ts';

/** The names in every directory that systemd reads units from; each is listed once. */
export type UnitListings = ReadonlyMap<string, ReadonlySet<string>>;

/** Where /lib is no link to /usr/lib it is another place of units. */
const PLACES = [...UNIT_PATH, '/lib/systemd/system'] as const;

export async function listUnits(host: HostReader): Promise<UnitListings> {
  const listings = new Map<string, ReadonlySet<string>>();
  for (const place of PLACES) listings.set(place, new Set(await host.list(place)));
  return listings;
}

/** What has been listed already. */
type Listed = {
  readonly units: UnitListings;
  /** Of single directories. */
  readonly inside: Observed['listings'];
};

/** All that units of these members, which are of one kind, are started with and vllmd has not written, by unit. */
export async function readDropIns(
  host: HostReader,
  members: readonly Member[],
  listed: Listed,
): Promise<Observed['dropIns']> {
  const shared: HostText[] = [];
  const [first = 0] = members;
  for (const name of sharedDropIns(first)) shared.push(...(await readAll(host, name, listed)));
  const dropIns = new Map<string, readonly HostText[]>();
  for (const member of members) {
    const own = await readAll(host, ownDropIns(member), listed, memberDropIn(member));
    const others = [...own, ...shared];
    if (others.length > 0) dropIns.set(memberUnit(member), others);
  }
  return dropIns;
}

/** What these units are made of beside the files that vllmd writes. */
export async function readDropInsOf(
  host: HostReader,
  units: readonly string[],
): Promise<readonly HostText[]> {
  const listed = { units: await listUnits(host), inside: new Map() };
  const found: HostText[] = [];
  for (const directory of new Set(units.flatMap(dropInDirectories))) {
    found.push(...(await readAll(host, directory, listed)));
  }
  const own = new Set(units.map((unit) => `${UNIT_DIR}/${unit}.d/10-vllmd.conf`));
  return found.filter(({ path }) => !own.has(path));
}

async function readAll(
  host: HostReader,
  directory: string,
  { units, inside }: Listed,
  except?: string,
): Promise<readonly HostText[]> {
  const found: HostText[] = [];
  for (const place of UNIT_PATH) {
    if (units.get(place)?.has(directory) !== true) continue;
    const at = `${place}/${directory}`;
    const names = inside.get(at) ?? (await host.list(at)) ?? [];
    const paths = names.filter(isDropIn).map((name) => `${at}/${name}`);
    for (const path of paths.filter((one) => one !== except && !isDevicesDropIn(one))) {
      const text = await readThroughLinks(host, path);
      if (text !== undefined) found.push({ path, text });
    }
  }
  return found;
}

function isDropIn(name: string): boolean {
  return /^[^.].*\.conf$/.test(name);
}

const MOST_LINKS = 8;

/** As systemd reads it: links are followed, those that only root can turn. */
async function readThroughLinks(host: HostReader, path: string): Promise<string | undefined> {
  let at = path;
  for (let hop = 0; hop < MOST_LINKS; hop += 1) {
    const entry = await host.read(at);
    if (entry.type === 'file') return entry.text;
    if (entry.type !== 'link') return undefined;
    if (entry.target === '/dev/null') return '';
    if (!entry.trusted) return undefined;
    at = posix.resolve(posix.dirname(at), entry.target);
  }
  return undefined;
}

/** Anything that is not what a starting runtime writes counts as not said. */
export async function readBooted(
  host: HostReader,
  members: readonly Member[],
): Promise<Observed['booted']> {
  const booted = new Map<number, readonly HostText[]>();
  for (const index of members) {
    if (typeof index !== 'number') continue;
    const entry = await host.read(bootedPath(index));
    const texts = entry.type === 'file' ? parseBooted(entry.text) : undefined;
    if (texts !== undefined) booted.set(index, texts);
  }
  return booted;
}

/** Of unit files that are new to this host, those whose name is taken elsewhere. */
export function findShadowed(
  paths: readonly string[],
  listings: UnitListings,
): Observed['shadowed'] {
  const shadowed = new Map<string, string>();
  for (const path of paths.filter((candidate) => posix.dirname(candidate) === UNIT_DIR)) {
    const name = nameOf(path);
    // A package may bring it along: it is the same unit.
    if (isRecoverUnit(name)) continue;
    const place = PLACES.find((dir) => dir !== UNIT_DIR && listings.get(dir)?.has(name) === true);
    if (place !== undefined) shadowed.set(name, `${place}/${name}`);
  }
  return shadowed;
}
