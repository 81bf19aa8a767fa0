import { counted } from '../counted.ts';
import type { Check } from './check.ts';
import { FIRMWARE_SETTINGS } from './firmware.ts';
import { isForGrub, kernelParameterLines } from './remedies.ts';
import { hasFinding, type PrecheckView, pciOf, wantedDevices } from './view.ts';

/** The IOMMU, which keeps a device to the memory of its own guest. */
export function iommuChecks(view: PrecheckView): readonly Check[] {
  return [
    ...iommuOn(view),
    ...passthroughMode(view),
    ...interruptRemapping(view),
    ...unsafeInterrupts(view),
    ...noIommuMode(view),
    ...acsOverride(view),
  ];
}

function iommuOn(view: PrecheckView): readonly Check[] {
  if (hasFinding(view, 'iommu-on')) return [];
  const base = { id: 'iommu-on', subsystem: 'iommu' } as const;
  const { hasIommu, devices, cpuVendor } = pciOf(view);
  if (hasIommu) {
    const groups = new Set([...devices.values()].flatMap(({ iommuGroup }) => iommuGroup ?? []));
    const message = `an IOMMU is on: ${counted(groups.size, 'group')}`;
    return [{ ...base, verdict: 'pass', message }];
  }
  // Said by preflight where a GPU is wanted; without one nothing needs it.
  const message = 'no IOMMU is on, and no GPU is there that would need it';
  const remedy = [`for GPUs: switch on ${FIRMWARE_SETTINGS[cpuVendor].iommu} in the firmware`];
  return [{ ...base, verdict: 'info', message, remedy }];
}

/** The host's own devices are translated too without it, which costs them throughput. */
function passthroughMode(view: PrecheckView): readonly Check[] {
  const { hasIommu, kernelCommandLine, cpuVendor } = pciOf(view);
  if (!hasIommu) return [];
  const base = { id: 'iommu-parameters', subsystem: 'iommu' } as const;
  const words = kernelCommandLine.split(/\s+/);
  if (words.flatMap(passthroughOf).at(-1) === true) {
    const found = words.filter((word) => /^(?:(?:intel|amd)_)?iommu[=.]/.test(word)).join(' ');
    return [{ ...base, verdict: 'pass', message: `kernel command line: ${found}` }];
  }
  const other = words.findLast((word) => passthroughOf(word).length > 0);
  const found = other === undefined ? 'no iommu=pt' : `${other}, not iommu=pt`;
  const message = `the kernel command line has ${found}: devices that stay with the host have their addresses translated too, which costs them some throughput`;
  const wanted = cpuVendor === 'intel' ? 'intel_iommu=on iommu=pt' : 'iommu=pt';
  const remedy = isForGrub(view)
    ? ['sudo vllmd install writes it for GRUB; then: sudo update-grub && sudo reboot']
    : kernelParameterLines(wanted, view.facts);
  return [{ ...base, verdict: 'info', message, remedy }];
}

/** What a parameter asks for, the last one counts: `iommu=` is a list in which pt and nopt are words, `iommu.passthrough=` a truth value. */
function passthroughOf(word: string): readonly boolean[] {
  const [, list] = /^iommu=(.*)$/.exec(word) ?? [];
  if (list !== undefined) {
    return list.split(',').flatMap((one) => (one === 'pt' || one === 'nopt' ? [one === 'pt'] : []));
  }
  const [, value] = /^iommu\.passthrough=(.*)$/.exec(word) ?? [];
  if (value === undefined) return [];
  if (/^(?:[1yt]|on)/i.test(value)) return [true];
  return /^(?:[0nf]|of)/i.test(value) ? [false] : [];
}

function interruptRemapping(view: PrecheckView): readonly Check[] {
  const { hasIommu, hasInterruptRemapping } = pciOf(view);
  if (!hasIommu || hasFinding(view, 'interrupt-remapping')) return [];
  const base = { id: 'interrupt-remapping', subsystem: 'iommu' } as const;
  if (hasInterruptRemapping === true) {
    return [{ ...base, verdict: 'pass', message: 'interrupts are remapped' }];
  }
  if (hasInterruptRemapping === undefined) {
    const message =
      '/proc/interrupts does not tell whether interrupts are remapped; `dmesg | grep -i remapping` does';
    return [{ ...base, verdict: 'info', message }];
  }
  const message = 'interrupts are not remapped, and no GPU is there that would need it';
  return [{ ...base, verdict: 'info', message }];
}

function unsafeInterrupts({ machine }: PrecheckView): readonly Check[] {
  if (!machine.allowsUnsafeInterrupts) return [];
  return [
    {
      id: 'unsafe-interrupts',
      subsystem: 'iommu',
      verdict: 'risk',
      message:
        'vfio_iommu_type1 has allow_unsafe_interrupts on: where interrupts are not remapped, a guest with a device can send the host any interrupt',
      remedy: [
        'take allow_unsafe_interrupts out: grep -rs allow_unsafe_interrupts /etc/modprobe.d /proc/cmdline',
        'and switch interrupt remapping on in the firmware instead, then reboot',
      ],
    },
  ];
}

function noIommuMode({ machine }: PrecheckView): readonly Check[] {
  if (!machine.allowsNoIommu) return [];
  return [
    {
      id: 'no-iommu-mode',
      subsystem: 'iommu',
      verdict: 'risk',
      message:
        'vfio has enable_unsafe_noiommu_mode on: a device that no IOMMU covers can be given away, and then reaches all memory of the host; cloud-hypervisor starts no VM with one',
      remedy: [
        'take enable_unsafe_noiommu_mode out: grep -rs enable_unsafe_noiommu_mode /etc/modprobe.d /proc/cmdline',
        'and switch the IOMMU on in the firmware instead, then reboot',
      ],
    },
  ];
}

/** Of a patch that some distributions carry: it has the kernel believe in groups that the hardware does not keep apart. */
function acsOverride(view: PrecheckView): readonly Check[] {
  const found = /(?:^|\s)(pcie_acs_override=\S+)/.exec(pciOf(view).kernelCommandLine)?.[1];
  if (found === undefined || wantedDevices(view).length === 0) return [];
  return [
    {
      id: 'acs-override',
      subsystem: 'iommu',
      verdict: 'risk',
      message: `the kernel was started with ${found}: devices in groups of their own may reach each other's memory all the same`,
      remedy: [
        'where guests belong to different people, take it off the kernel command line and put the GPUs into slots that are isolated',
      ],
    },
  ];
}
