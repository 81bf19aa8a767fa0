import { quoted } from '../../config/show-value.ts';
import { type Flaw, flaw, parts, repeatFlaws, type Verdict, vmRule } from '../make-rule.ts';
import type { RestoreConfig } from '../restore-config.ts';
import type { VmRule } from '../rule.ts';
import type { NetConfig, VmConfig } from '../vm-config.gen.ts';

/** A restore request against the definition in the snapshot. */
export const restoreRules: readonly VmRule[] = [
  restoreRule(
    'C-RST-1',
    ({ prefault, memory_restore_mode }) =>
      prefault &&
      memory_restore_mode === 'OnDemand' &&
      flaw('restore/prefault', 'true with memory_restore_mode "OnDemand"', 'leave it out'),
  ),
  restoreRule('C-RST-2', ({ net_fds }) => repeatedIds('net_fds', net_fds)),
  restoreRule('C-RST-3', ({ net_fds }, vm) =>
    parts('restore/net_fds', net_fds).flatMap(({ at, value }) => {
      const wanted = netsWithFds(vm).find(({ net }) => net.id === value.id)?.count;
      return wanted === undefined || wanted === value.num_fds
        ? []
        : [flaw(`${at}/num_fds`, `${value.num_fds} instead of ${wanted}`, `give ${wanted}`)];
    }),
  ),
  restoreRule('C-RST-4', ({ net_fds = [] }, vm) =>
    netsWithFds(vm).flatMap(({ at, net }) =>
      net_fds.some(({ id }) => id === net.id)
        ? []
        : [
            flaw(
              `${at}/fds`,
              'the restore request has no descriptors for it',
              'add them to net_fds',
            ),
          ],
    ),
  ),
  restoreRule('C-RST-5', ({ zone_updates }) => repeatedIds('zone_updates', zone_updates)),
  restoreRule('C-RST-6', ({ zone_updates }) =>
    parts('restore/zone_updates', zone_updates).flatMap(({ at, value }) =>
      value.id === '' ? [flaw(`${at}/id`, 'empty', 'give the id of a zone')] : [],
    ),
  ),
  restoreRule(
    'C-RST-7',
    ({ vfio_fds = [], iommufd_fd }) =>
      vfio_fds.length > 0 &&
      iommufd_fd === undefined &&
      flaw('restore/vfio_fds', 'given without `iommufd_fd`', 'give iommufd_fd too'),
  ),
  restoreRule(
    'C-RST-8',
    ({ vfio_fds = [] }, { platform }) =>
      vfio_fds.length > 0 &&
      platform?.iommufd !== true &&
      flaw('restore/vfio_fds', 'given, but platform.iommufd is off', 'leave it out'),
  ),
  restoreRule('C-RST-9', ({ vfio_fds }) => repeatedIds('vfio_fds', vfio_fds)),
  restoreRule('C-RST-10', ({ vfio_fds }, { devices = [] }) =>
    parts('restore/vfio_fds', vfio_fds).flatMap(({ at, value }) =>
      devices.some(({ id }) => id === value.id)
        ? []
        : [flaw(`${at}/id`, `no device has the id ${quoted(value.id)}`, 'see the ids in devices')],
    ),
  ),
  restoreRule('C-RST-11', ({ vfio_fds = [] }, { devices }) =>
    parts('devices', devices).flatMap(({ at, value }) =>
      value.fd === undefined || vfio_fds.some(({ id }) => id === value.id)
        ? []
        : [flaw(`${at}/fd`, 'the restore request has no descriptor for it', 'add it to vfio_fds')],
    ),
  ),
];

function restoreRule(id: string, judge: (restore: RestoreConfig, vm: VmConfig) => Verdict): VmRule {
  return vmRule(id, (vm, { restore }) => restore !== undefined && judge(restore, vm));
}

function repeatedIds(
  key: string,
  list: readonly { readonly id: string }[] | undefined,
): readonly Flaw[] {
  return repeatFlaws(parts(`/restore/${key}`, list), ({ id }) => id, 'id', 'list it once');
}

function netsWithFds(vm: VmConfig) {
  return parts('net', vm.net).flatMap(({ at, value }: { at: string; value: NetConfig }) =>
    value.fds === undefined ? [] : [{ at, net: value, count: value.fds.length }],
  );
}
