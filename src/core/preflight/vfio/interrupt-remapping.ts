import type { PciFacts } from '../../facts/pci.ts';
import { ofHost } from '../check.ts';
import type { HostCheck } from './host-check.ts';

const FIRMWARE: Readonly<Record<PciFacts['cpuVendor'], string>> = {
  intel: 'switch VT-d interrupt remapping (often listed with x2APIC) on in the firmware',
  amd: 'switch IOMMU (AMD-Vi) on in the firmware and update it: its IVRS table has to list the IOAPICs',
  other: 'switch interrupt remapping on in the firmware',
};

/** Interrupts are remapped, so that no guest can send the host one of its own making. */
export const interruptRemapping: HostCheck = {
  id: 'interrupt-remapping',
  check: ({ pci }) => {
    if (!pci.hasIommu || pci.hasInterruptRemapping !== false) return [];
    const message = 'interrupts are not remapped: the kernel refuses to pass any device on';
    return [ofHost('interrupt-remapping', message, remedy(pci))];
  },
};

function remedy({ cpuVendor, kernelCommandLine }: PciFacts): string {
  const off = /(?:^|\s)(intremap=off|nointremap)(?:\s|$)/.exec(kernelCommandLine)?.[1];
  const note = off === undefined ? '' : `\nthe kernel was started with ${off}: remove that`;
  return `${FIRMWARE[cpuVendor]}, then reboot${note}`;
}
