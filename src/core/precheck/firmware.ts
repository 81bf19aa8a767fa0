import type { PciFacts } from '../facts/pci.ts';

type Settings = { readonly virtualisation: string; readonly iommu: string };

/** What firmware setups call these settings. */
export const FIRMWARE_SETTINGS: Readonly<Record<PciFacts['cpuVendor'], Settings>> = {
  intel: {
    virtualisation: 'Intel Virtualization Technology (VT-x, VMX)',
    iommu: 'Intel VT for Directed I/O (VT-d)',
  },
  amd: { virtualisation: 'SVM Mode (AMD-V)', iommu: 'IOMMU (AMD-Vi)' },
  other: { virtualisation: 'virtualisation (VT-x, SVM)', iommu: 'the IOMMU (VT-d, AMD-Vi)' },
};
