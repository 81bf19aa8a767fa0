import { resolve as resolvePath } from 'node:path';
import { exitCodes, VllmdError } from '../core/failure.ts';
import { isEmptyPlan } from '../core/plan/plan.ts';
import type { World } from '../host/world.ts';
import type { HostInView } from './host-of.ts';
import { blockers, type Prepared } from './prepare.ts';

/** The absolute path of the tree that --root names; undefined for the running host. */
export async function treeOf(
  { root }: { readonly root?: string | undefined },
  world: World,
): Promise<string | undefined> {
  if (root === undefined) return undefined;
  const path = resolvePath(world.cwd, root);
  const there = await world.host('').stat(path);
  if (there?.type === 'directory') return path;
  const what = there === undefined ? 'there is no such directory' : 'it is no directory';
  throw new VllmdError('usage', `--root ${root}: ${what}`, 'name a directory that is there');
}

export function hostBelow(root: string, world: World): HostInView {
  return { host: world.host(root), isRoot: world.uid === 0 };
}

/** The exit code of a dry run that tells what a real one would end with. */
export function detailed(prepared: Prepared, [obstacle]: readonly VllmdError[]): number {
  if (obstacle !== undefined) return exitCodes[obstacle.exit];
  const { plan } = prepared.transaction;
  if (plan.conflicts.length > 0) return exitCodes.conflict;
  if (blockers(prepared).length > 0) return exitCodes.preflight;
  return isEmptyPlan(plan) && plan.isComplete ? exitCodes.ok : exitCodes.pending;
}
