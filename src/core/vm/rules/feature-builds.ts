import { quoted } from '../../config/show-value.ts';
import { bootVcpus, isPowerOf2, maxVcpus } from '../facts-of.ts';
import { flaw, part, partRules, parts, vmRule } from '../make-rule.ts';
import type { VmRule } from '../rule.ts';

const HOST_DATA_LENGTH = 64;
const OFFERED = ['kernel', 'cmdline', 'initramfs'] as const;

const fwCfgItem = partRules((vm) =>
  parts('/payload/fw_cfg_config/items/item_list', vm.payload?.fw_cfg_config?.items?.item_list),
);
const ivshmem = partRules((vm) => part('/ivshmem', vm.ivshmem));

/** What only builds of cloud-hypervisor with a special feature know. */
export const featureBuildRules: readonly VmRule[] = [
  vmRule(
    'C-PAY-3',
    ({ payload }) =>
      payload?.igvm !== undefined &&
      payload.firmware !== undefined &&
      flaw('payload/igvm', 'given beside a firmware', 'leave one of them out'),
  ),
  offered('C-PAY-4', 'kernel'),
  offered('C-PAY-5', 'cmdline'),
  offered('C-PAY-6', 'initramfs'),
  fwCfgItem('C-PAY-7', ({ name, file, string }) => {
    const count = [file, string].filter((value) => value !== undefined).length;
    return (
      count !== 1 &&
      flaw('', `${quoted(name)} has ${count} of \`file\` and \`string\``, 'give one of them')
    );
  }),
  vmRule(
    'C-TEE-1',
    (vm) =>
      vm.platform?.tdx &&
      maxVcpus(vm) !== bootVcpus(vm) &&
      flaw(
        'cpus/max_vcpus',
        `${maxVcpus(vm)}, but a TDX guest keeps its ${bootVcpus(vm)} vCPUs`,
        'set it to boot_vcpus',
      ),
  ),
  vmRule(
    'C-TEE-2',
    ({ platform, payload }) =>
      platform?.tdx &&
      payload?.firmware === undefined &&
      flaw('payload/firmware', 'missing, and a TDX guest needs it', 'give a TDX firmware'),
  ),
  vmRule('C-TEE-3', ({ payload }) => {
    const length = payload?.host_data?.length ?? HOST_DATA_LENGTH;
    return (
      length !== HOST_DATA_LENGTH &&
      flaw('payload/host_data', `${length} characters instead of 64`, 'give 32 bytes as hex digits')
    );
  }),
  vmRule(
    'C-TEE-4',
    ({ platform, payload }) =>
      platform?.sev_snp &&
      payload?.igvm === undefined &&
      flaw('payload/igvm', 'missing, and a SEV-SNP guest needs it', 'give an IGVM image'),
  ),
  ivshmem(
    'C-IVS-1',
    ({ iommu }) =>
      iommu && flaw('iommu', 'true, but ivshmem does not work with it', 'leave it out'),
  ),
  ivshmem(
    'C-IVS-2',
    ({ size }) => !isPowerOf2(size) && flaw('size', `${size} is not a power of 2`, 'round it up'),
  ),
  ivshmem(
    'C-IVS-3',
    ({ path }, _vm, { probe }) =>
      probe.files?.get(path)?.isThere === false &&
      flaw('path', `${quoted(path)} does not exist`, 'make the file first'),
  ),
  ivshmem('C-IVS-4', ({ path, size }, _vm, { probe }) => {
    const found = probe.files?.get(path)?.sizeBytes ?? size;
    return (
      found < size &&
      flaw(
        'size',
        `${size}, but ${quoted(path)} has ${found} bytes`,
        `make it larger: truncate -s ${size}`,
      )
    );
  }),
];

/** What fw_cfg offers must be there; it offers everything unless told otherwise. */
function offered(id: string, key: (typeof OFFERED)[number]): VmRule {
  return vmRule(id, ({ payload }) => {
    const fwCfg = payload?.fw_cfg_config;
    return (
      fwCfg !== undefined &&
      fwCfg[key] !== false &&
      payload?.[key] === undefined &&
      flaw(
        `payload/fw_cfg_config/${key}`,
        `on, but payload.${key} is missing`,
        `set it to false, or give payload.${key}`,
      )
    );
  });
}
