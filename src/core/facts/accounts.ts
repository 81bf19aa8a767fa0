import { posix } from 'node:path';
import type { Account } from '../resolve/desired.ts';

/** What accounts without a home have by convention (Debian policy 9.2.3). */
const NO_HOME = '/nonexistent';

/** One account from lines of passwd(5) and group(5); undefined when it is not among them. */
export function findAccount(passwd: string, groups: string, name: string): Account | undefined {
  const entry = fields(passwd).find(([login]) => login === name);
  if (entry === undefined) return undefined;
  const [, , uid, gid, , home] = entry;
  if (uid === undefined || gid === undefined || home === undefined) return undefined;
  const group = fields(groups).find(([, , id]) => id === gid)?.[0];
  return {
    name,
    group: group ?? gid,
    uid: Number(uid),
    gid: Number(gid),
    home: homeOf(home),
    known: true,
  };
}

/** Nothing of vllmd's lies at the root directory, at what is no absolute path, or at one that leads elsewhere by `..`. */
function homeOf(field: string): string {
  const home = field.replace(/\/+$/, '');
  const isPlain = posix.isAbsolute(home) && !home.split('/').includes('..');
  return isPlain ? posix.normalize(home) : NO_HOME;
}

/** What a preview takes an account to be that the host does not have. */
export function assumedAccount(name: string): Account {
  return { name, group: name, uid: -1, gid: -1, home: `/home/${name}`, known: false };
}

/** Who runs the VMs where nobody says otherwise; every recording tells of this account. */
export const assumedUser = 'vllm';

/** A line of passwd(5). */
export type LocalAccount = { readonly name: string; readonly uid: number; readonly home: string };

/** All accounts of passwd(5). */
export function parseAccounts(passwd: string): readonly LocalAccount[] {
  return fields(passwd).flatMap(([name = '', , uid = '', , , home = '']) =>
    name === '' || !/^\d+$/.test(uid) ? [] : [{ name, uid: Number(uid), home: homeOf(home) }],
  );
}

function fields(text: string): readonly (readonly string[])[] {
  return text.split('\n').map((line) => line.split(':'));
}
