import { expect, test } from 'vitest';
import { describedHost, type HostDescription } from '../../support/world.ts';
import { gpu as card, checksOf, configured } from './checks-of.ts';

const gpu = { ...card, group: 7 };

/** What is said of a host, with a config where there is a line of its runtime. */
async function saidOf(description: HostDescription, runtime?: string) {
  const host = describedHost(description);
  const rows = await (runtime === undefined ? checksOf(host) : configured(host, runtime));
  const isReady = rows.every(({ verdict }) => verdict !== 'fail');
  const of = (id: string) => {
    const row = rows.find((one) => one.id === id);
    return row && `${row.verdict}: ${row.text}`;
  };
  return { isReady, of };
}

const MIB = 2 ** 20;
const memlock = [
  [8, 'memory_gb = 4', /^info: .* may lock 8 MiB: .* only a VM with a GPU locks its memory/],
  [8, 'gpus = ["0000:03:00.0"]\nmemory_gb = 4', /^fail: .* too little for .* locks 4 GiB/],
  [64 * 1024, 'gpus = ["0000:03:00.0"]\nmemory_gb = 4', /^warn: .* enough for .* locks 4 GiB/],
] as const;

test.for(memlock)(
  'of %i MiB that may be locked, %j hears what it means for it',
  async ([mebibytes, runtime, said]) => {
    const found = await saidOf({ pci: [gpu], lockedBytes: mebibytes * MIB }, runtime);
    expect(found.of('memlock')).toMatch(said);
  },
);

test('without a config no size of a VM is named beside a limit on locked memory', async () => {
  const found = await saidOf({ pci: [gpu], lockedBytes: 8 * MIB });
  expect(found.of('memlock')).toMatch(/^fail: .*, and a VM with a GPU locks all of its memory\n/);
});

test('a host whose only GPU shows its console is not ready', async () => {
  const found = await saidOf({ pci: [{ ...gpu, class: '030000', bootVga: true }] });
  expect(found.isReady).toBe(false);
  expect(found.of('gpus-usable')).toBe(
    'fail: none of the GPUs of the host can be passed on as it is: 0000:03:00.0\n' +
      '0000:03:00.0 shows the console of the host: choose another display in the firmware, that of the BMC for example, and reboot; a host without one needs a second card',
  );
  expect(found.of('gpus-found')).toBe('info: no GPU of the host is free to be passed on');
});

test('a console on a display of the BMC takes no GPU away', async () => {
  const bmc = { address: '0000:04:00.0', id: '1a03:2000', class: '030000', bootVga: true };
  const found = await saidOf({ pci: [gpu, bmc] });
  expect([found.isReady, found.of('gpus-usable')]).toEqual([true, undefined]);
});

test.for([
  'mitigations=off',
  'mitigations=auto;no_guest_host,no_guest_guest',
  'pti=off',
  'nopti',
  'mmio_stale_data=off',
  'srbds=off',
  'gather_data_sampling=off',
  'vmscape=off',
  'spec_rstack_overflow=off',
  'nospectre_bhb',
  'nospec_store_bypass_disable',
  'tsa=off',
  'reg_file_data_sampling=off',
  'indirect_target_selection=off',
  'spectre_v2_user=off',
  'spectre_bhi=off',
  'kvm.nx_huge_pages=off',
])('%s on the kernel command line is a risk, and the first thing to take back', async (word) => {
  const vulnerabilities = { vmscape: 'Vulnerable' };
  const found = await saidOf({ kernelCommandLine: `quiet ${word} ro`, vulnerabilities });
  expect(found.of('mitigations-off')).toMatch(/^risk: the kernel was started with /);
  expect(found.of('mitigations-off')).toContain(word);
  expect(found.of('mitigations')).toContain(
    `\nfirst take ${word} off the kernel command line: it may be all there is to it\nupdate the firmware`,
  );
});

test.for(['mitigations=auto,nosmt', 'mds=full', 'tsx=off', 'l1d_flush=on', 'spectre_v2=retpoline'])(
  '%s on the kernel command line switches no mitigation off',
  async (word) => {
    const found = await saidOf({ kernelCommandLine: word });
    expect(found.of('mitigations-off')).toBeUndefined();
  },
);

test('what shares a group and goes along is not said to be idle', async () => {
  const audio = {
    address: '0000:03:00.1',
    id: '10de:22bd',
    class: '040300',
    driver: 'snd_hda_intel',
    group: 7,
  };
  const second = { ...gpu, address: '0000:04:00.0' };
  const found = await saidOf(
    { pci: [gpu, audio, second, { ...audio, address: '0000:04:00.1' }] },
    'gpus = ["0000:03:00.0", "0000:04:00.0"]',
  );
  expect(found.of('gpu-isolation')).toBe(
    'pass: 2 in a group with others: 0000:03:00.0, 0000:03:00.1, 0000:04:00.0, 0000:04:00.1 taken along to the same VM',
  );
});

const grub = 'gpus = ["0000:03:00.0"]\n[host]\nkernel_cmdline = "grub"';

test('pages are reserved at boot by all parameters together, in the way of the distribution', async () => {
  const node = (cpus: string) => ({ cpus, memoryGib: 256, hugepages: { '1G': 0 } });
  const host = { pci: [{ ...gpu, numaNode: 0 }], numa: [node('0-31'), node('32-63')] };
  const runtime = 'gpus = ["0000:03:00.0"]\nmemory_gb = 8\n[memory]\nhugepages = "1G"';
  const fedora = await saidOf({ ...host, distribution: 'fedora' }, runtime);
  expect(fedora.of('hugepages-reserved')).toContain(
    '; sudo grubby --update-kernel=ALL --args="intel_iommu=on iommu=pt hugepagesz=1G hugepages=0:8" reserves',
  );
  const debian = await saidOf({ ...host, distribution: 'debian' }, runtime);
  expect(debian.of('hugepages-reserved')).toContain('; host.kernel_cmdline = "grub" reserves');
});

test('where GRUB does not read what vllmd writes, nobody is told to have it written', async () => {
  const off = { pci: [gpu], iommu: false, distribution: 'fedora' };
  expect((await saidOf(off)).of('iommu-on')).not.toContain('kernel_cmdline');
  const found = await saidOf({ pci: [gpu], distribution: 'fedora' }, grub);
  expect(found.of('iommu-parameters')).not.toContain('update-grub');
  expect(found.of('iommu-parameters')).toContain('sudo grubby --update-kernel=ALL');
  expect(found.of('grub-reads-drop-ins')).toContain('sudo grubby --update-kernel=ALL');
  const debian = await saidOf({ pci: [gpu], distribution: 'debian' }, grub);
  expect(debian.of('iommu-parameters')).toContain('sudo update-grub');
  expect(debian.of('grub-reads-drop-ins')).toBeUndefined();
});

test.for([
  ['fedora', 'sudo dnf install nftables'],
  ['debian', 'sudo apt install nftables'],
  ['arch', 'sudo apt install nftables, or: sudo dnf install nftables'],
] as const)('on %s a missing program has the line that installs it', async ([id, line]) => {
  const found = await saidOf({ distribution: id, missing: ['/usr/sbin/nft'] });
  expect(found.of('program-present')?.split('\n')[1]).toBe(line);
});
