import type { FileStat } from '../core/plan/observed.ts';
import { ancestors } from '../core/render/parents.ts';
import type { Account } from '../core/resolve/desired.ts';
import type { HostReader } from './host.ts';
import { readText } from './read-text.ts';

const READ = 4;
const SEARCH = 1;

/** Which of these files are there and an account may not read, by mode, owner and groups of file and way. */
export async function unreadableFor(
  host: HostReader,
  account: Account,
  paths: readonly string[],
): Promise<readonly string[]> {
  if (!account.known) return [];
  const groups = memberOf(await readText(host, '/etc/group'), account);
  const found: string[] = [];
  for (const path of paths) {
    if (!(await isReadable(host, path, { account, groups }))) found.push(path);
  }
  return found;
}

type Reader = { readonly account: Account; readonly groups: ReadonlySet<number> };

async function isReadable(host: HostReader, path: string, reader: Reader): Promise<boolean> {
  const file = await host.stat(path);
  // What is not there is missing, which is another matter.
  if (file === undefined) return true;
  for (const directory of ancestors(path)) {
    const stat = await host.stat(directory);
    if (stat !== undefined && !allows(stat, SEARCH, reader)) return false;
  }
  return allows(file, READ, reader);
}

/** As path_resolution(7) has it: the first class that fits decides. */
function allows({ mode, uid, gid }: FileStat, right: number, reader: Reader): boolean {
  if (uid === reader.account.uid) return (mode & (right << 6)) !== 0;
  if (reader.groups.has(gid)) return (mode & (right << 3)) !== 0;
  return (mode & right) !== 0;
}

function memberOf(groupFile: string, { name, gid }: Account): ReadonlySet<number> {
  const ids = groupFile
    .split('\n')
    .map((line) => line.split(':'))
    .filter(([group, , , members = '']) => group === 'kvm' || members.split(',').includes(name))
    .map(([, , id]) => Number(id));
  return new Set([gid, ...ids]);
}
