import { parseKernelRelease } from '../facts/kernel-release.ts';
import type { Check } from './check.ts';
import { hasFinding, type PrecheckView, pciOf } from './view.ts';

/** cloud-hypervisor's README, "Host OS": KVM needs 4.11, "for adequate performance" 5.6. */
const MINIMUM = [4, 11] as const;
const RECOMMENDED = [5, 6] as const;

export function kernelChecks(view: PrecheckView): readonly Check[] {
  return [version(view), ...vfio(view)];
}

function version({ machine: { kernelRelease } }: PrecheckView): Check {
  const base = { id: 'kernel-version', subsystem: 'kernel' } as const;
  const found = parseKernelRelease(kernelRelease);
  const name = `Linux ${kernelRelease}`;
  if (found === undefined) {
    const message = '/proc/sys/kernel/osrelease does not say which kernel runs';
    return { ...base, verdict: 'warn', message, remedy: ['see: uname -r'] };
  }
  const remedy = ['use a newer system: Debian 12, Ubuntu 24.04, RHEL 9'];
  if (isOlder(found, MINIMUM)) {
    const message = `${name} is too old: KVM as cloud-hypervisor needs it came with ${MINIMUM.join('.')}`;
    return { ...base, verdict: 'fail', message, remedy };
  }
  if (isOlder(found, RECOMMENDED)) {
    const message = `${name} works; ${RECOMMENDED.join('.')} or newer is recommended by cloud-hypervisor`;
    return { ...base, verdict: 'warn', message, remedy };
  }
  return { ...base, verdict: 'pass', message: name };
}

function isOlder(
  [major, minor]: readonly [number, number],
  [wantedMajor, wantedMinor]: readonly [number, number],
): boolean {
  return major < wantedMajor || (major === wantedMajor && minor < wantedMinor);
}

function vfio(view: PrecheckView): readonly Check[] {
  if (hasFinding(view, 'vfio-module')) return [];
  const base = { id: 'vfio-module', subsystem: 'kernel' } as const;
  if (pciOf(view).hasVfioPci) {
    const message = 'vfio-pci is loaded, built in or can be loaded';
    return [{ ...base, verdict: 'pass', message }];
  }
  const message =
    'the running kernel has no vfio-pci driver, and no GPU is there that would need it';
  return [{ ...base, verdict: 'info', message }];
}
