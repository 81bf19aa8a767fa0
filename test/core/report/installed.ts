import { readFileSync } from 'node:fs';
import { loadConfig } from '../../../src/core/config/load.ts';
import { sha256 } from '../../../src/core/plan/digest.ts';
import type { Manifest } from '../../../src/core/plan/manifest.ts';
import type { Entry, UnitState } from '../../../src/core/plan/observed.ts';
import { plan } from '../../../src/core/plan/plan.ts';
import { hostLayer } from '../../../src/core/resolve/layer.ts';
import { compose } from '../../../src/host/compose.ts';
import { observe } from '../../../src/host/inspect.ts';
import { createMemoryHost, type MemoryHost } from '../../../src/host/memory-host.ts';
import { FIXTURES } from '../../support/fixtures.ts';
import { behaviourOf, describedHost } from '../../support/world.ts';
import { entriesOf } from '../plan/states.ts';

export const CONFIG = `${FIXTURES}contract-example/vllmd.toml`;

const running: UnitState = {
  loadState: 'loaded',
  activeState: 'active',
  subState: 'running',
  mainPid: 1,
};

export type Installed = {
  readonly manifest: Manifest;
  readonly entries: Map<string, Entry>;
  readonly units: Map<string, UnitState>;
  /** With what has been edited since. */
  readonly host: () => MemoryHost;
};

/** A host as an install of the contract's example leaves it. */
export async function installed(): Promise<Installed> {
  const bytes = readFileSync(CONFIG);
  const { text, result } = loadConfig(bytes);
  if (!result.ok) throw new Error('the example is not valid');
  const before = describedHost();
  const { artefacts, context, desired } = await compose(result.value, before);
  const value = plan({
    artefacts,
    runtimes: desired.runtimes,
    observed: await observe(before, artefacts, 'none'),
    manifest: 'none',
    pins: context.pins,
  });
  const units = value.digests.map(({ unit: name, group, digest: startDigest }) => {
    return { name, group, startDigest, generation: 3 };
  });
  const manifest: Manifest = {
    schema: 1,
    lineage: 'x',
    generation: 3,
    vllmd: '1',
    config: { path: CONFIG, sha256: sha256(text) },
    ...value.owned,
    units,
  };
  const entries = new Map([...before.entries, ...entriesOf(artefacts)]);
  for (const gpu of desired.runtimes.flatMap(({ gpus }) => gpus)) {
    const target = '../../../../bus/pci/drivers/vfio-pci';
    entries.set(`/sys/bus/pci/devices/${gpu}/driver`, { type: 'link', target, trusted: true });
  }
  for (const path of ['/var/lib/vllmd', '/var/lib/vllmd/install', '/run/vllmd', '/run/vllmd/1']) {
    entries.set(path, { type: 'directory', mode: 0o700, uid: 0, gid: 0 });
  }
  const record = { type: 'file', mode: 0o600, uid: 0, gid: 0 } as const;
  entries.set(hostLayer.record.manifest, { ...record, text: JSON.stringify(manifest) });
  const names = [...units.map(({ name }) => name), ...value.actions.flatMap((a) => a.unit ?? [])];
  const states = new Map(names.map((name) => [name, running]));
  const host = () => createMemoryHost({ entries, units: states, ...behaviourOf({}) });
  return { manifest, entries, units: states, host };
}

export function textFile(text: string): Entry {
  return { type: 'file', mode: 0o644, uid: 0, gid: 0, text };
}
