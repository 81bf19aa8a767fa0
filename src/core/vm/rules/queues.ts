import { bootVcpus } from '../facts-of.ts';
import { type Flaw, flaw } from '../make-rule.ts';
import type { VmConfig } from '../vm-config.gen.ts';

/** Disks and shared directories alike: a queue more than there are CPUs is refused. */
export function queuesPerVcpu(
  { num_queues = 1 }: { readonly num_queues?: number },
  vm: VmConfig,
): Flaw | false {
  const vcpus = bootVcpus(vm);
  const text = `${num_queues} queues for ${vcpus} vCPUs; cloud-hypervisor allows at most one a vCPU`;
  return num_queues > vcpus && flaw('num_queues', text, `use at most ${vcpus}`);
}
