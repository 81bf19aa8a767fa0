import { dirname } from 'node:path';
import { VllmdError } from '../core/failure.ts';
import type { Entry } from '../core/plan/observed.ts';
import { ancestors } from '../core/render/parents.ts';
import type { Host } from '../host/host.ts';
import type { World } from '../host/world.ts';
import { cannotWrite } from './cannot-write.ts';
import { shellLine } from './shell-line.ts';

export type NewFile = {
  /** As it was named, for messages. */
  readonly file: string;
  readonly absolutePath: string;
  /** Whether a file that is there already gives way. */
  readonly force: boolean;
  /** Makes the directories that are missing on the way. */
  readonly makesParents?: boolean;
};

const MODE = 0o644;

/** Refuses what `writeNewFile` would refuse, before somebody answers questions for nothing. */
export async function checkPlace(wanted: NewFile, world: World): Promise<void> {
  const host = world.treeHost('');
  refuse(await host.read(wanted.absolutePath), wanted);
  const parent = dirname(wanted.absolutePath);
  if (wanted.makesParents === true || (await host.exists(parent))) return;
  throw new VllmdError(
    'usage',
    `cannot write ${wanted.file}: there is no directory ${parent}`,
    `make it first: ${shellLine(['mkdir', '-p', parent])}`,
  );
}

/** Whether a file is there that would have to give way. */
export async function isTaken({ absolutePath }: NewFile, world: World): Promise<boolean> {
  return (await world.treeHost('').read(absolutePath)).type === 'file';
}

/** A whole file or none, never through a link of somebody else. A file that gives way stays beside it; its name is returned, as `file` names it. */
export async function writeNewFile(
  wanted: NewFile,
  text: string,
  world: World,
): Promise<string | undefined> {
  const { absolutePath, makesParents = false } = wanted;
  const host = world.treeHost('');
  const own = { uid: world.uid, gid: -1 };
  try {
    const before = await host.read(absolutePath);
    refuse(before, wanted);
    if (makesParents) await makeParents(host, absolutePath, own);
    const ending = before.type === 'file' ? await keepCopy(host, absolutePath) : undefined;
    // It becomes the caller's: what let the former one run as its owner must not stay.
    const mode = before.type === 'file' ? before.mode & 0o777 : MODE;
    await host.write(absolutePath, text, { mode, ...own });
    return ending === undefined ? undefined : wanted.file + ending;
  } catch (error) {
    const forbidden = 'run it with sudo, or name a file of your own';
    throw cannotWrite(error, { name: wanted.file, forbidden });
  }
}

function refuse(entry: Entry, { file, force }: NewFile): void {
  if (entry.type === 'absent' || (entry.type === 'file' && force)) return;
  if (entry.type === 'file') {
    const help = 'add --force to replace it, a copy is kept; or name another file';
    throw new VllmdError('conflict', `${file} is there already, and nothing was written`, help);
  }
  if (entry.type === 'hidden') {
    throw new VllmdError(
      'needsRoot',
      `cannot see whether ${file} is there: permission denied`,
      'run it with sudo, or name a file of your own',
    );
  }
  // A link is what somebody has put there; by the name of a directory there is nothing to write.
  const exit = entry.type === 'link' || entry.type === 'unsafe' ? 'conflict' : 'usage';
  throw new VllmdError(exit, `cannot write ${file}: ${whatIs(entry)}`, 'name another file');
}

function whatIs(entry: Exclude<Entry, { readonly type: 'absent' | 'file' | 'hidden' }>): string {
  if (entry.type === 'link') return `it is a symbolic link to ${entry.target}`;
  if (entry.type === 'directory') return 'it is a directory';
  if (entry.type === 'other') return `it is a ${entry.what}`;
  return `the way to it leads through ${entry.link}, a link that others can change`;
}

async function makeParents(
  host: Host,
  path: string,
  own: { readonly uid: number; readonly gid: number },
): Promise<void> {
  for (const parent of ancestors(path)) {
    if (!(await host.exists(parent))) await host.mkdir(parent, { mode: 0o755, ...own });
  }
}

/** Beside the file, under the first name that is free: with what it ends. */
async function keepCopy(host: Host, path: string): Promise<string> {
  let ending = '.bak';
  for (let next = 2; (await host.read(path + ending)).type !== 'absent'; next += 1) {
    ending = `.bak${next}`;
  }
  await host.copy(path, path + ending);
  return ending;
}
