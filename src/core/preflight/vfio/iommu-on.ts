import { errorAt } from '../../diagnostic.ts';
import type { PciFacts } from '../../facts/pci.ts';
import type { Desired } from '../../resolve/desired.ts';
import { ofHost } from '../check.ts';
import type { HostCheck } from './host-check.ts';
import { presentGpus } from './vfio-view.ts';

const FIRMWARE: Readonly<Record<PciFacts['cpuVendor'], string>> = {
  intel:
    'switch VT-d on in the firmware and add intel_iommu=on iommu=pt to the kernel command line',
  amd: 'switch IOMMU (AMD-Vi) on in the firmware and add iommu=pt to the kernel command line',
  other: 'switch the IOMMU (SMMU, VT-d, AMD-Vi) on in the firmware',
};

/** An IOMMU is on, and every device is behind one. */
export const iommuOn: HostCheck = {
  id: 'iommu-on',
  check: (view) => {
    if (!view.pci.hasIommu) {
      const help = remedy(view.pci) + grub(view.desired);
      return [ofHost('iommu-on', 'no IOMMU is on: no device can be passed on', help)];
    }
    return presentGpus(view)
      .filter(({ device }) => device.iommuGroup === undefined)
      .map(({ runtime, address, pointer }) =>
        errorAt(
          'iommu-on',
          pointer,
          `runtime ${runtime.index}: ${address} is in no IOMMU group, though an IOMMU is on`,
          'no IOMMU of the host covers its slot: move the card to another one',
        ),
      );
  },
};

/** Nothing is written while this is an error; without starts it is a warning. */
function grub({ kernelCommandLine }: Desired): string {
  if (kernelCommandLine !== 'grub') return '';
  return '\n`sudo vllmd install --no-start` writes the parameters; then, on Debian and Ubuntu: sudo update-grub && sudo reboot';
}

function remedy({ cpuVendor, kernelCommandLine }: PciFacts): string {
  const off = kernelCommandLine
    .split(/\s+/)
    .find((word) => /^(?:(?:intel|amd)_iommu|iommu)=(?:.*,)?off\b/.test(word));
  const note = off === undefined ? '' : `\nthe kernel was started with ${off}: remove that`;
  return `${FIRMWARE[cpuVendor]}, then reboot${note}`;
}
