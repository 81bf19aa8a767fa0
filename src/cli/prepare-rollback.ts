import { VllmdError } from '../core/failure.ts';
import type { Manifest } from '../core/plan/manifest.ts';
import type { Artefact } from '../core/render/artefact.ts';
import { artefactsOf } from '../core/transaction/generation.ts';
import type { HostReader } from '../host/host.ts';
import { observe, readManifest } from '../host/inspect.ts';
import { listGenerations, readGeneration } from '../host/transaction/store.ts';
import { type PlanOptions, type Prepared, prepare } from './prepare.ts';

/** What a host is to look like again. */
export type RollbackTarget = {
  readonly generation: number;
  readonly manifest: Manifest;
  readonly artefacts: readonly Artefact[];
  readonly runtimes: NonNullable<Manifest['runtimes']>;
  readonly devices: NonNullable<Manifest['devices']>;
  readonly config: Manifest['config'];
};

/** A generation that is kept, 0 for the host before the first install, or else the one before the last. */
export async function rollbackTarget(
  host: HostReader,
  wanted: number | undefined,
): Promise<RollbackTarget> {
  const manifest = await readManifest(host);
  if (manifest === 'unknown') {
    const hint = 'run it with sudo';
    throw new VllmdError('needsRoot', 'the record of the last install needs root to read', hint);
  }
  if (manifest === 'none') {
    throw new VllmdError(
      'usage',
      'vllmd has installed nothing here: there is nothing to roll back',
    );
  }
  const kept = (await listGenerations(host)).filter((number) => number !== manifest.generation);
  const last = kept.filter((number) => number < manifest.generation).at(-1);
  const generation = wanted ?? last ?? manifest.generation - 1;
  // 0 would be far more than was asked for.
  if (wanted === undefined && generation <= 0) {
    throw new VllmdError(
      'usage',
      `there is no install before generation ${manifest.generation}`,
      `\`sudo ${host.layer.command} rollback 0\` removes everything`,
    );
  }
  if (generation === 0) {
    return {
      generation,
      manifest,
      artefacts: [],
      runtimes: [],
      devices: [],
      config: manifest.config,
    };
  }
  const found = await readGeneration(host, generation);
  const artefacts = found === undefined ? 'is not kept' : artefactsOf(found);
  if (found === undefined || typeof artefacts === 'string') {
    const list = [0, ...kept].join(', ');
    const message = `generation ${generation} ${String(artefacts)}`;
    throw new VllmdError('usage', message, `there are: ${list}`);
  }
  const { runtimes = [], devices = [], config } = found.manifest;
  return { generation, manifest, artefacts, runtimes, devices, config };
}

export async function prepareRollback(
  { manifest, artefacts, runtimes, devices }: RollbackTarget,
  host: HostReader,
  options: PlanOptions,
): Promise<Prepared> {
  const observed = await observe(host, artefacts, manifest);
  const known = new Set(devices.map(({ address }) => address));
  // What the driver of a device was before vllmd took it is not to be found out any more.
  const others = (manifest.devices ?? []).filter(({ address }) => !known.has(address));
  const pins = artefacts.length === 0 ? [] : [...devices, ...others];
  return prepare({ artefacts, runtimes, observed, manifest, pins }, host, {
    ...options,
    operation: 'rollback',
  });
}

/** Nobody is there to ask: edits of the meantime give way and are kept as copies, what is masked stays so, and so do directories of others. */
export async function prepareUnattended(
  target: RollbackTarget,
  host: HostReader,
  options: PlanOptions,
): Promise<Prepared> {
  const first = await prepareRollback(target, host, options);
  const drifted = first.transaction.plan.conflicts.filter(({ kind }) => kind === 'drifted');
  const overwriteDrift = drifted.map(({ path }) => path);
  const prepared = await prepareRollback(target, host, {
    ...options,
    choices: { ...options.choices, overwriteDrift },
  });
  const { transaction, observed } = prepared;
  const conflicts = transaction.plan.conflicts.filter(
    ({ kind, path }) => kind !== 'masked' && !observed.doubtful.has(path),
  );
  return { ...prepared, transaction: { ...transaction, plan: { ...transaction.plan, conflicts } } };
}
