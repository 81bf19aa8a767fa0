import { resolve as resolvePath } from 'node:path';
import { VllmdError } from '../core/failure.ts';
import type { Artefact } from '../core/render/artefact.ts';
import { ancestors } from '../core/render/parents.ts';
import type { Host } from '../host/host.ts';
import type { World } from '../host/world.ts';
import { cannotWrite } from './cannot-write.ts';

export type WrittenTree = { readonly out: string; readonly paths: readonly string[] };

/** Writes artefacts as they would lie on a host below a new or empty directory. Owners stay those of the caller. */
export async function writeTree(
  artefacts: readonly Artefact[],
  named: string,
  world: World,
): Promise<WrittenTree> {
  const out = resolvePath(world.cwd, named);
  try {
    await makeEmptyDirectory(out, named, world);
    await writeBelow(artefacts, world.treeHost(out), world);
  } catch (error) {
    const forbidden = 'run it with sudo, or name a directory of your own';
    const elsewhere = 'name another directory';
    throw cannotWrite(error, { name: named, forbidden, elsewhere });
  }
  const paths = artefacts.filter(({ type }) => type !== 'directory').map(({ path }) => path);
  return { out, paths };
}

/** Nothing is mixed into what is there: a stale file would look like a rendered one. */
async function makeEmptyDirectory(out: string, named: string, world: World): Promise<void> {
  const host: Host = world.treeHost('');
  const there = await host.stat(out);
  if (there !== undefined && there.type !== 'directory') {
    const message = `cannot write ${named}: it is no directory`;
    throw new VllmdError('usage', message, 'name another directory, a new or an empty one');
  }
  const names = await host.list(out);
  if (names !== undefined && names.length > 0) {
    throw new VllmdError(
      'usage',
      `--out ${named} is not empty`,
      'name a new or an empty directory',
    );
  }
  for (const path of [...ancestors(out), out]) {
    if (!(await host.exists(path)))
      await host.mkdir(path, { mode: 0o755, uid: world.uid, gid: -1 });
  }
}

async function writeBelow(artefacts: readonly Artefact[], host: Host, world: World): Promise<void> {
  const own = { uid: world.uid, gid: -1 };
  for (const artefact of artefacts.filter(({ type }) => type === 'directory')) {
    await host.mkdir(artefact.path, { mode: 0o755, ...own });
  }
  for (const artefact of artefacts) {
    if (artefact.type === 'link') await host.link(artefact.path, artefact.target);
    if (artefact.type === 'file') {
      await host.write(artefact.path, artefact.text, { mode: artefact.mode, ...own });
    }
  }
}
