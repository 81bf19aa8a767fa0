import { assumedAccount, findAccount } from '../core/facts/accounts.ts';
import { VllmdError } from '../core/failure.ts';
import { gpusOfDropIn } from '../core/kinds/runtime-vm/drop-in.ts';
import type { KnownManifest } from '../core/plan/changes.ts';
import { nameOf } from '../core/plan/drop-ins.ts';
import { installedMembers } from '../core/plan/installed.ts';
import { isNewerManifest, type Manifest, parseManifest } from '../core/plan/manifest.ts';
import { maskPaths } from '../core/plan/masks.ts';
import type { Entry, Observed, UnitState } from '../core/plan/observed.ts';
import { isRuntimeDirectory } from '../core/plan/own-directories.ts';
import type { Artefact } from '../core/render/artefact.ts';
import type { Account } from '../core/resolve/desired.ts';
import type { Layer } from '../core/resolve/layer.ts';
import { preStartUnit, UNIT_DIR, vfioUnit } from '../core/resolve/layout.ts';
import { byMember, type Member, memberUnit } from '../core/resolve/member.ts';
import { findDoubtful } from './doubtful.ts';
import type { HostReader } from './host.ts';
import {
  findShadowed,
  listUnits,
  readBooted,
  readDropIns,
  type UnitListings,
} from './read-drop-ins.ts';
import { readText, readThroughLinks } from './read-text.ts';
import { readRecord } from './record.ts';
import { readUnits } from './systemctl.ts';
import { parentOf } from './ways.ts';

/** The account from the files, or else from whatever else the host asks (LDAP, SSSD). */
export async function readAccount(host: HostReader, name: string): Promise<Account> {
  const fromFiles = findAccount(
    await readText(host, '/etc/passwd'),
    await readText(host, '/etc/group'),
    name,
  );
  if (fromFiles !== undefined) return fromFiles;
  if (!(await hasOtherAccounts(host))) return assumedAccount(name);
  const passwd = await host.query(['getent', 'passwd', name]);
  if (passwd.isUnasked === true) return { ...assumedAccount(name), isUntold: true };
  const groupId = passwd.stdout.split(':')[3];
  if (passwd.exitCode !== 0 || groupId === undefined) return assumedAccount(name);
  const groups = await host.query(['getent', 'group', groupId]);
  return findAccount(passwd.stdout, groups.stdout, name) ?? assumedAccount(name);
}

/** Whether nsswitch.conf(5) names a source of accounts beside the files that can answer here. */
async function hasOtherAccounts(host: HostReader): Promise<boolean> {
  const text = await readThroughLinks(host, '/etc/nsswitch.conf');
  const line = /^\s*passwd:(.*)$/m.exec(text)?.[1] ?? '';
  const own = ['', 'files', 'compat'];
  if (!(await host.exists('/run/systemd/userdb'))) own.push('systemd');
  return line.split(/[\s[\]]+/).some((source) => !own.includes(source));
}

export async function readManifest(host: HostReader): Promise<KnownManifest> {
  const entry = await readRecord(host, host.layer.record.manifest);
  if (entry.type === 'absent') return 'none';
  if (entry.type === 'hidden') return 'unknown';
  const manifest = entry.type === 'file' ? parseManifest(entry.text, host.layer) : 'is not a file';
  if (typeof manifest !== 'string') return manifest;
  const remedy =
    entry.type === 'file' && isNewerManifest(entry.text)
      ? 'install that vllmd again'
      : `\`sudo ${host.layer.command} recover\` makes it again from the newest generation`;
  throw new VllmdError(
    'unexpected',
    `${host.layer.record.manifest} ${manifest}`,
    `it says which files belong to vllmd: nothing is changed without it; ${remedy}`,
  );
}

/** Everything that a plan compares with: the paths of the artefacts and of the last install, and their units. */
export async function observe(
  host: HostReader,
  artefacts: readonly Artefact[],
  manifest: KnownManifest,
): Promise<Observed> {
  const owned = typeof manifest === 'object' ? manifest : undefined;
  const members = membersOf(artefacts, owned);
  const listings = await listUnits(host);
  const paths = [...artefacts.map((artefact) => artefact.path), ...manifestPaths(manifest)];
  const directories = new Set([...(owned?.dirs ?? []), ...paths.filter(isRuntimeDirectory)]);
  const { entries, inside } = await readAll(
    host,
    [...paths, ...masks(members, listings)],
    directories,
  );
  const wasInstalled =
    owned !== undefined || artefacts.some((artefact) => isPresentUnit(artefact, entries));
  const units = wasInstalled
    ? await statesOf(host, unitsOf(artefacts, manifest, entries, host.layer))
    : [];
  const known = new Set(owned?.files.map(({ path }) => path));
  const isNewUnit = (artefact: Artefact) =>
    artefact.type === 'file' && artefact.kind === 'unit' && !known.has(artefact.path);
  return {
    entries,
    units: new Map(units),
    listings: inside,
    dropIns: await readDropIns(host, members, { units: listings, inside }),
    booted: wasInstalled ? await readBooted(host, members) : new Map(),
    doubtful: await findDoubtful(host, artefacts, entries),
    shadowed:
      manifest === 'unknown'
        ? new Map()
        : findShadowed(
            artefacts.filter(isNewUnit).map(({ path }) => path),
            listings,
          ),
  };
}

function membersOf(
  artefacts: readonly Artefact[],
  manifest: Manifest | undefined,
): readonly Member[] {
  const groups = new Set([...artefacts, ...(manifest?.files ?? [])].map(({ group }) => group));
  return [...groups].filter((group) => group !== 'shared').sort(byMember);
}

/** Links that may mask a member: they are in no record. */
function masks(members: readonly Member[], listings: UnitListings): readonly string[] {
  return members
    .flatMap(maskPaths)
    .filter((path) => listings.get(parentOf(path))?.has(nameOf(path)) === true);
}

/** Sorted, so that what lies in one directory is read, and listed, while that is at hand. */
async function readAll(
  host: HostReader,
  paths: readonly string[],
  directories: ReadonlySet<string>,
) {
  const entries = new Map<string, Entry>();
  const inside = new Map<string, readonly string[]>();
  for (const path of [...new Set(paths)].sort()) {
    entries.set(path, await host.read(path));
    if (directories.has(path)) inside.set(path, (await host.list(path)) ?? []);
  }
  return { entries, inside };
}

function manifestPaths(manifest: KnownManifest): readonly string[] {
  if (typeof manifest === 'string') return [];
  return [
    ...manifest.files.map((file) => file.path),
    ...manifest.links.map((link) => link.path),
    ...[...manifest.files, ...manifest.links].flatMap(({ backup }) => backup ?? []),
    ...manifest.dirs,
  ];
}

/** Where no unit of ours lies on the disk, systemd cannot know one either. */
function isPresentUnit(artefact: Artefact, entries: ReadonlyMap<string, Entry>): boolean {
  if (artefact.type === 'directory' || !artefact.path.startsWith(`${UNIT_DIR}/`)) return false;
  return entries.get(artefact.path)?.type !== 'absent';
}

/** Every unit of the runtimes that are wanted and of those that were installed, with those of their GPUs. */
function unitsOf(
  artefacts: readonly Artefact[],
  manifest: KnownManifest,
  entries: ReadonlyMap<string, Entry>,
  { sharedUnits, lateUnits, otherUnits, sliceUnit, targetUnit }: Layer,
): readonly string[] {
  const wanted = artefacts.flatMap((artefact) =>
    artefact.type === 'file' && artefact.kind === 'dropin' && artefact.group !== 'shared'
      ? [{ index: artefact.group, gpus: gpusOfDropIn(artefact.text) }]
      : [],
  );
  const ofMembers = [...wanted, ...installedMembers(manifest, entries)].flatMap(
    ({ index, gpus }) => [
      memberUnit(index),
      ...(typeof index === 'number' ? [preStartUnit(index), ...gpus.map(vfioUnit)] : []),
    ],
  );
  const shared = [...sharedUnits, ...lateUnits, ...otherUnits, sliceUnit, targetUnit];
  return [...new Set([...shared, ...ofMembers])].sort();
}

/** Where systemd does not run, nothing is known of any. */
async function statesOf(
  host: HostReader,
  names: readonly string[],
): Promise<ReadonlyMap<string, UnitState>> {
  if (!(await host.exists('/run/systemd/system'))) return new Map();
  return readUnits(host, names);
}
