import type { Zone } from '../../placement/place.ts';
import type { CpuAffinity } from '../../vm/vm-config.gen.ts';

/** Numbers of host CPUs in one definition, which has to stay below the 51200 bytes that cloud-hypervisor takes. */
const MOST_NUMBERS = 4000;
/** With more than that the entries alone would be too long. */
const MOST_VCPUS = 256;

/** Each virtual CPU may run on any CPU of its node, or where these are very many on a window of them. */
export function affinityOf(zones: readonly Zone[], cpus: number): readonly CpuAffinity[] {
  if (cpus > MOST_VCPUS) return [];
  const most = Math.floor(MOST_NUMBERS / cpus);
  return zones.flatMap(({ vcpus, hostCpus }) =>
    hostCpus.length === 0
      ? []
      : vcpus.map((vcpu, at) => {
          const first = Math.floor((at * hostCpus.length) / vcpus.length);
          return { vcpu, host_cpus: window(hostCpus, first, most) };
        }),
  );
}

/** Windows of neighbours overlap, and together they cover the node. */
function window(hostCpus: readonly number[], first: number, most: number): readonly number[] {
  if (hostCpus.length <= most) return hostCpus;
  return Array.from({ length: most }, (_, offset) => hostCpus[(first + offset) % hostCpus.length])
    .filter((cpu) => cpu !== undefined)
    .sort((a, b) => a - b);
}
