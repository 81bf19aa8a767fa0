import { isMemoryShared } from '../facts-of.ts';
import { flaw, type Verdict, vmRule } from '../make-rule.ts';
import type { VmRule } from '../rule.ts';
import { type ChVersion, formatChVersion, isOlder, MINIMUM, RECOMMENDED } from '../version.ts';
import type { VmConfig } from '../vm-config.gen.ts';

const UPDATE = `update cloud-hypervisor to ${formatChVersion(RECOMMENDED)} or later`;

/** The installed cloud-hypervisor is one that vllmd works with. */
export const installedVersionRules: readonly VmRule[] = [
  vmRule('G-12', (vm, { version }) => version !== undefined && judge(version, vm)),
];

function judge(version: ChVersion, vm: VmConfig): Verdict {
  const found = `cloud-hypervisor ${formatChVersion(version)}`;
  if (isOlder(version, MINIMUM)) {
    return flaw('', `${found} is too old; ${formatChVersion(MINIMUM)} is needed`, UPDATE);
  }
  if (version.major === 52 && version.minor === 0 && !isMemoryShared(vm)) {
    return flaw('', `${found} works only with shared memory or hugepages`, UPDATE);
  }
  if (!isOlder(version, RECOMMENDED)) return [];
  const text = `${found} is older than recommended`;
  return { ...flaw('', text, UPDATE), severity: 'warning' };
}
