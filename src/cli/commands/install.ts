import { resolve as resolvePath } from 'node:path';
import { exitCodes, VllmdError } from '../../core/failure.ts';
import { isEmptyPlan } from '../../core/plan/plan.ts';
import type { World } from '../../host/world.ts';
import { carryOut, preview } from '../carry-out.ts';
import { loadOrShow } from '../load.ts';
import { blockers, type Prepared, prepareInstall } from '../prepare.ts';

export type InstallOptions = {
  readonly config?: string | undefined;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly root?: string | undefined;
  readonly detailedExitcode: boolean;
  readonly start: boolean;
  readonly retryFailed: boolean;
  readonly allowEmpty: boolean;
};

/** What can be said of a tree that is no running host. */
const ofTree = new Set([
  'user-exists',
  'home-exists',
  'user-data',
  'runtimes-stay',
  'prevent-removal',
  'disk-left-behind',
]);

export async function install(options: InstallOptions, world: World): Promise<number> {
  if (!options.dryRun) requireRoot(world, 'install');
  const loaded = await loadOrShow(options.config, options.json, world);
  if (loaded === undefined) return exitCodes.config;
  const { source, input } = loaded;
  const host = world.host(options.root === undefined ? '' : resolvePath(world.cwd, options.root));
  // Below another root no systemd listens, and what that host has is not known here.
  const isOffline = options.root !== undefined;
  const online = options.start ? 'all' : 'no-start';
  const calls = isOffline ? 'none' : online;
  const found = await prepareInstall(input, host, { ...options, calls });
  const prepared = isOffline
    ? { ...found, findings: found.findings.filter(({ rule }) => ofTree.has(rule)) }
    : found;
  if (options.dryRun) {
    await preview(prepared, { json: options.json, source }, world);
    return options.detailedExitcode ? detailed(prepared) : exitCodes.ok;
  }
  const context = {
    manifest: prepared.manifest,
    config: { path: source.absolutePath, sha256: source.sha256 },
    version: world.version,
    copies: prepared.copies,
  };
  return carryOut(prepared, host, { json: options.json, source, context }, world);
}

export function requireRoot(world: World, command: string): void {
  if (world.uid === 0) return;
  throw new VllmdError(
    'needsRoot',
    `vllmd ${command} changes the host and needs root: run \`sudo vllmd ${command}\`, or add --dry-run to look first`,
  );
}

function detailed(prepared: Prepared): number {
  const { plan } = prepared;
  if (plan.conflicts.length > 0) return exitCodes.conflict;
  if (blockers(prepared).length > 0) return exitCodes.preflight;
  return isEmptyPlan(plan) && plan.isComplete ? exitCodes.ok : exitCodes.pending;
}
