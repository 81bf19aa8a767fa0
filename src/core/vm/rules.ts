import type { HostProblem, NamedVm, VmContext, VmProblem, VmRule } from './rule.ts';
import { barRules } from './rules/bars.ts';
import { consoleRules } from './rules/console.ts';
import { cpuRules } from './rules/cpu.ts';
import { deviceRules } from './rules/devices.ts';
import { diskFileRules } from './rules/disk-files.ts';
import { diskRules } from './rules/disks.ts';
import { featureBuildRules } from './rules/feature-builds.ts';
import { hostRules } from './rules/host-wide.ts';
import { hugepageRules } from './rules/hugepages.ts';
import { idRules } from './rules/ids.ts';
import { installedVersionRules } from './rules/installed-version.ts';
import { memoryRules } from './rules/memory.ts';
import { netRules } from './rules/net.ts';
import { numaRules } from './rules/numa.ts';
import { payloadRules } from './rules/payload.ts';
import { pciRules } from './rules/pci.ts';
import { policyRules } from './rules/policy.ts';
import { restoreRules } from './rules/restore.ts';
import { sharedDeviceRules } from './rules/shared-devices.ts';
import { systemRules } from './rules/system.ts';
import { tapRules } from './rules/tap.ts';
import { vfioRules } from './rules/vfio.ts';
import type { VmConfig } from './vm-config.gen.ts';

/** Every rule about one VM. `C-…` cloud-hypervisor has too, `R-…` it lacks, `G-…` are vllmd's own. */
export const vmRules: readonly VmRule[] = [
  ...installedVersionRules,
  ...payloadRules,
  ...featureBuildRules,
  ...consoleRules,
  ...cpuRules,
  ...memoryRules,
  ...hugepageRules,
  ...numaRules,
  ...diskRules,
  ...diskFileRules,
  ...netRules,
  ...tapRules,
  ...sharedDeviceRules,
  ...pciRules,
  ...barRules,
  ...deviceRules,
  ...vfioRules,
  ...idRules,
  ...restoreRules,
  ...systemRules,
  ...policyRules,
];

/** Ids that stand for errors which cloud-hypervisor declares and never raises: there is nothing to check. */
export const uncheckedRules = [
  {
    id: 'C-NEV-1',
    reason:
      'IommuUnsupported, VfioUnsupported and DebugconFileMissing are declared by cloud-hypervisor, but nothing raises them',
  },
] as const;

/** Every broken rule of one VM. The definition must fit its schema, unknown keys aside. */
export function checkVm(vm: VmConfig, context: VmContext): readonly VmProblem[] {
  const found: VmProblem[] = [];
  for (const { check } of vmRules) found.push(...check(vm, context));
  return found;
}

/** Every broken rule of all VMs together. */
export function checkVms(vms: readonly NamedVm[], context: VmContext): readonly HostProblem[] {
  return hostRules.flatMap(({ check }) => check(vms, context));
}
