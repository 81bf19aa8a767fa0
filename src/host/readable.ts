import type { FileStat } from '../core/plan/observed.ts';
import { ancestors } from '../core/render/parents.ts';
import type { Account } from '../core/resolve/desired.ts';
import type { HostReader } from './host.ts';
import { readText } from './read-text.ts';

const READ = 4;
const WRITE = 2;
const SEARCH = 1;

/** What an account is to do with something that is there, where it is allowed on the way as well. */
const rights = { read: READ, execute: READ | SEARCH, change: WRITE | SEARCH } as const;

/** Which of these files are there and an account may not read, by mode, owner and groups of file and way. */
export async function unreadableFor(
  host: HostReader,
  account: Account,
  paths: readonly string[],
): Promise<readonly string[]> {
  if (!account.known) return [];
  // The units of VMs ask for this group.
  const reader = await readerFor(host, account, ['kvm']);
  const found: string[] = [];
  for (const path of paths) {
    if (!(await mayUse(host, path, 'read', reader))) found.push(path);
  }
  return found;
}

/** An account with its groups, and others that are given to it besides. */
export async function readerFor(
  host: HostReader,
  account: Account,
  besides: readonly string[],
): Promise<Reader> {
  return { account, groups: memberOf(await readText(host, '/etc/group'), account, besides) };
}

export type Reader = { readonly account: Account; readonly groups: ReadonlySet<number> };

/** By mode, owner and groups of a file or directory, and of all directories above it. */
export async function mayUse(
  host: HostReader,
  path: string,
  what: keyof typeof rights,
  reader: Reader,
): Promise<boolean> {
  const file = await host.stat(path);
  // What is not there is missing, which is another matter.
  if (file === undefined) return true;
  for (const directory of ancestors(path)) {
    const stat = await host.stat(directory);
    if (stat !== undefined && !allows(stat, SEARCH, reader)) return false;
  }
  return allows(file, rights[what], reader);
}

/** As path_resolution(7) has it: the first class that fits decides. */
function allows({ mode, uid, gid }: FileStat, right: number, reader: Reader): boolean {
  const has = (bits: number) => (mode & bits) === bits;
  if (uid === reader.account.uid) return has(right << 6);
  if (reader.groups.has(gid)) return has(right << 3);
  return has(right);
}

function memberOf(
  groupFile: string,
  { name, gid }: Account,
  besides: readonly string[],
): ReadonlySet<number> {
  const ids = groupFile
    .split('\n')
    .map((line) => line.split(':'))
    .filter(
      ([group = '', , , members = '']) =>
        besides.includes(group) || members.split(',').includes(name),
    )
    .map(([, , id]) => Number(id));
  return new Set([gid, ...ids]);
}
