/**
 * Kernel parameters that are about the mitigation of CPU vulnerabilities.
 * Source: Linux, Documentation/admin-guide/kernel-parameters.txt and hw-vuln/.
 */
export const mitigationParameters: ReadonlySet<string> = new Set([
  'gather_data_sampling',
  'indirect_target_selection',
  'l1d_flush',
  'l1tf',
  'mds',
  'mitigations',
  'mmio_stale_data',
  'pti',
  'reg_file_data_sampling',
  'retbleed',
  'spec_rstack_overflow',
  'spec_store_bypass_disable',
  'spectre_bhi',
  'spectre_v2',
  'spectre_v2_user',
  'srbds',
  'tsa',
  'tsx',
  'tsx_async_abort',
  'vmscape',
]);

/** Words without a value that switch one off. */
export const mitigationFlags: ReadonlySet<string> = new Set([
  'nopti',
  'nospec_store_bypass_disable',
  'nospectre_bhb',
  'nospectre_v1',
  'nospectre_v2',
]);

/** Of modules, whose parameters have a dot; KVM's own. */
const ofModules: ReadonlySet<string> = new Set([
  'kvm.nx_huge_pages=off',
  'kvm.nx_huge_pages=never',
  'kvm.nx_huge_pages=0',
  'kvm-intel.vmentry_l1d_flush=never',
  'kvm_intel.vmentry_l1d_flush=never',
]);

/** Whether a word of the kernel command line switches a mitigation off, or one between some of who should be kept apart. */
export function switchesOff(word: string): boolean {
  if (mitigationFlags.has(word) || ofModules.has(word)) return true;
  const [key = '', value = ''] = word.split(/=(.*)/s);
  if (!mitigationParameters.has(key)) return false;
  // `tsx=off` switches off what there is to attack, `l1d_flush` what a process asks for itself.
  if (key === 'tsx' || key === 'l1d_flush') return false;
  // `mitigations=auto;no_guest_host,no_guest_guest`: attack vectors that are left open.
  return value.split(/[,;]/).some((one) => one === 'off' || /^no_(?:guest|user|cross)_/.test(one));
}
