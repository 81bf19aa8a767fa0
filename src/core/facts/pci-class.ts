const classNames: Readonly<Record<string, string>> = {
  '0100': 'SCSI controller',
  '0101': 'IDE controller',
  '0104': 'RAID controller',
  '0106': 'SATA controller',
  '0107': 'SAS controller',
  '0108': 'NVMe controller',
  '0200': 'Ethernet controller',
  '0207': 'InfiniBand controller',
  '0280': 'network controller',
  '0300': 'VGA controller',
  '0302': '3D controller',
  '0380': 'display controller',
  '0403': 'audio device',
  '0600': 'host bridge',
  '0601': 'ISA bridge',
  '0604': 'PCI bridge',
  '0680': 'bridge',
  '0806': 'IOMMU',
  '0880': 'system peripheral',
  '0b40': 'co-processor',
  '0c03': 'USB controller',
  '0c05': 'SMBus',
  '0c80': 'serial bus controller',
  '1080': 'encryption controller',
  '1200': 'accelerator',
};

const baseNames: Readonly<Record<string, string>> = {
  '01': 'storage controller',
  '02': 'network controller',
  '03': 'display controller',
  '04': 'multimedia device',
  '05': 'memory controller',
  '06': 'bridge',
  '07': 'communication controller',
  '08': 'system peripheral',
  '0b': 'processor',
  '0c': 'serial bus controller',
  '10': 'encryption controller',
  '11': 'signal processing controller',
  '12': 'accelerator',
};

/** What a class code of six digits is, in words. */
export function className(classCode: string): string {
  return classNames[classCode.slice(0, 4)] ?? baseNames[classCode.slice(0, 2)] ?? 'other device';
}
