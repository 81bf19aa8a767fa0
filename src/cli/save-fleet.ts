import { dirname, resolve } from 'node:path';
import { VllmdError } from '../core/failure.ts';
import type { Entry } from '../core/plan/observed.ts';
import { ancestors } from '../core/render/parents.ts';
import type { Host } from '../host/host.ts';
import { whileLocked } from '../host/while-locked.ts';
import type { World } from '../host/world.ts';
import { cannotWrite } from './cannot-write.ts';

type Saved = {
  /** As it is called, for messages. */
  readonly file: string;
  readonly absolutePath: string;
  /** What was read of it; undefined where there was none. */
  readonly before: string | undefined;
  readonly after: string;
};

const MODE = 0o600;
const DIRECTORY_MODE = 0o700;
/** As many as the kernel follows. */
const MAX_LINKS = 40;

/**
 * The whole file or the one of before, readable for its owner alone from the first. A link stays one: what it leads to
 * is replaced. A file that is not what was read is left alone.
 */
export async function saveFleet(saved: Saved, world: World): Promise<void> {
  const { file, absolutePath, before, after } = saved;
  const host = world.uid === 0 ? world.host('') : world.treeHost('');
  try {
    const { path } = await behindLinks(host, absolutePath, file);
    const owner = await ownerFor(host, path, world.uid);
    await makeParents(host, path, owner);
    // Two that change it at once must not both find it as they read it.
    await whileLocked(dirname(path), async () => {
      const entry = await host.read(path);
      const now = entry.type === 'file' ? entry.text : undefined;
      if (now !== before) throw changedMeanwhile(file);
      const own = entry.type === 'file' ? entry : owner;
      await host.write(path, after, { mode: MODE, uid: own.uid, gid: own.gid });
    });
  } catch (error) {
    const forbidden = 'name a file of your own with --file FILE';
    throw cannotWrite(error, { name: file, forbidden });
  }
}

type Place = { readonly path: string; readonly entry: Entry };

async function behindLinks(host: Host, start: string, file: string): Promise<Place> {
  let path = start;
  for (let followed = 0; followed <= MAX_LINKS; followed += 1) {
    const entry = await host.read(path);
    if (entry.type === 'link' && entry.trusted) path = resolve(dirname(path), entry.target);
    else if (entry.type === 'absent' || entry.type === 'file') return { path, entry };
    else throw noFile(file, entry);
  }
  throw new VllmdError('conflict', `cannot write ${file}: it is a circle of links`);
}

function noFile(file: string, entry: Entry): VllmdError {
  if (entry.type === 'hidden') {
    const help = 'name a file of your own with --file FILE';
    return new VllmdError('needsRoot', `cannot write ${file}: permission denied`, help);
  }
  const why =
    entry.type === 'link' || entry.type === 'unsafe'
      ? 'the way to it leads through a link that others can change'
      : 'it is no regular file';
  const help = 'name a regular file with --file FILE';
  return new VllmdError('conflict', `cannot write ${file}: ${why}`, help);
}

function changedMeanwhile(file: string): VllmdError {
  return new VllmdError(
    'conflict',
    `${file} has changed since it was read, and nothing was written`,
    'run it again: it starts from what the file says now',
  );
}

type Owner = { readonly uid: number; readonly gid: number };

/** Root may do it for somebody else, as under sudo: what is new belongs to whom the directory does that it comes into. */
async function ownerFor(host: Host, path: string, uid: number): Promise<Owner> {
  for (const parent of uid === 0 ? ancestors(path).toReversed() : []) {
    const found = await host.stat(parent);
    if (found !== undefined) return found;
  }
  return { uid, gid: -1 };
}

async function makeParents(host: Host, path: string, owner: Owner): Promise<void> {
  for (const parent of ancestors(path)) {
    if (await host.exists(parent)) continue;
    await host.mkdir(parent, { mode: DIRECTORY_MODE, uid: owner.uid, gid: owner.gid });
  }
}
