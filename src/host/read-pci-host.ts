import type { PciFacts } from '../core/facts/pci.ts';
import {
  namesVfioPci,
  parseCpuVendor,
  parseIommuBits,
  parsePhysicalBits,
} from '../core/facts/pci-attributes.ts';
import { parseInterruptRemapping } from '../core/facts/pci-interrupts.ts';
import type { HostReader } from './host.ts';
import { attribute, names } from './read-pci-attribute.ts';

/** What holds for every device of a host. */
export async function readHostWide(host: HostReader): Promise<Omit<PciFacts, 'devices'>> {
  const cpuinfo = await attribute(host, '/proc/cpuinfo');
  return {
    hasIommu: await hasIommu(host),
    hasInterruptRemapping: parseInterruptRemapping(
      await attribute(host, '/proc/interrupts'),
      await readIntelIommus(host, 'ecap'),
    ),
    hasVfioPci: await canDriveVfio(host),
    cpuVendor: parseCpuVendor(cpuinfo),
    iommuAddressBits: parseIommuBits(await readIntelIommus(host, 'cap')),
    physicalAddressBits: parsePhysicalBits(cpuinfo),
    kernelCommandLine: await attribute(host, '/proc/cmdline'),
  };
}

/** In vfio's no-IOMMU mode a device that is bound gets a group that keeps nothing apart: drivers/vfio/group.c. */
const NO_IOMMU = 'vfio-noiommu';

async function hasIommu(host: HostReader): Promise<boolean> {
  for (const group of await names(host, '/sys/kernel/iommu_groups')) {
    const name = await attribute(host, `/sys/kernel/iommu_groups/${group}/name`);
    if (name !== NO_IOMMU) return true;
  }
  return false;
}

async function readIntelIommus(
  host: HostReader,
  register: 'cap' | 'ecap',
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of await names(host, '/sys/class/iommu')) {
    if (!name.startsWith('dmar')) continue;
    found.push(await attribute(host, `/sys/class/iommu/${name}/intel-iommu/${register}`));
  }
  return found;
}

async function canDriveVfio(host: HostReader): Promise<boolean> {
  if (await host.exists('/sys/bus/pci/drivers/vfio-pci')) return true;
  const release = await attribute(host, '/proc/sys/kernel/osrelease');
  if (release === '' || release.includes('/')) return false;
  for (const list of ['modules.builtin', 'modules.dep']) {
    if (namesVfioPci(await attribute(host, `/lib/modules/${release}/${list}`))) return true;
  }
  return false;
}
