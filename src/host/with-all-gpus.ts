import { isGpuLike } from '../core/preflight/vfio/gpu-class.ts';
import type { Materials } from '../core/render/materials.ts';
import type { HostReader } from './host.ts';
import { readPci } from './read-pci.ts';

/**
 * The same with details of every GPU of the host. What is rendered is asked of those that the config names alone; explaining
 * it asks as well what another one would make.
 */
export async function withAllGpus(materials: Materials, host: HostReader): Promise<Materials> {
  const { facts, input } = materials;
  const { devices } = facts.pci ?? (await readPci(host, []));
  const gpus = [...devices.values()].filter(isGpuLike).map(({ address }) => address);
  const named = (input.runtimes ?? []).flatMap((runtime) => runtime.gpus ?? []);
  const members = input.vfio?.allow_group_members ?? [];
  const pci = await readPci(host, [...named, ...members, ...gpus], { withHolders: false });
  return { ...materials, facts: { ...facts, pci } };
}
