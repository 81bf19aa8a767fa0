import type { Diagnostic } from '../diagnostic.ts';
import type { Facts } from '../facts/facts.ts';
import {
  compareChVersions,
  formatChVersion,
  MINIMUM,
  parseChVersion,
  RECOMMENDED,
} from '../vm/version.ts';
import { ofHost, type PreflightInput } from './check.ts';

/** The programs and files that a VM runs on. */
export function softwareChecks(input: PreflightInput): readonly Diagnostic[] {
  return [
    ...systemdChecks(input.facts),
    ...programsPresent(input.facts),
    ...programInPath(input.facts, 'VM'),
    ...filesPresent(input),
    ...versionKnown(input),
    ...versionUsable(input),
  ];
}

/** Whether the host has a systemd that units of vllmd are made for. */
export function systemdChecks(
  facts: Pick<Facts, 'systemd' | 'systemdVersion'>,
): readonly Diagnostic[] {
  return [...systemdRuns(facts), ...systemdUsable(facts)];
}

function systemdRuns({ systemd }: Pick<Facts, 'systemd'>): readonly Diagnostic[] {
  if (systemd) return [];
  const help = 'run vllmd on a host that was booted with systemd';
  return [ofHost('systemd-runs', 'systemd does not run the host', help)];
}

/** The oldest that the units and the checks of an install are tested with. */
const MINIMUM_SYSTEMD = 252;

function systemdUsable({ systemdVersion }: Pick<Facts, 'systemdVersion'>): readonly Diagnostic[] {
  if (systemdVersion === undefined || systemdVersion >= MINIMUM_SYSTEMD) return [];
  const message = `systemd ${systemdVersion} is too old: ${MINIMUM_SYSTEMD} is the oldest that vllmd works with`;
  return [
    ofHost('systemd-version', message, 'use a newer system: Debian 12, Ubuntu 24.04, RHEL 9.2'),
  ];
}

const FIRMWARE = 'https://github.com/cloud-hypervisor/edk2/releases';
const RELEASES = 'https://github.com/cloud-hypervisor/cloud-hypervisor/releases';

/** For programs that a distribution packages. */
export const packages: Readonly<Record<string, Package>> = {
  ip: { debian: 'iproute2', fedora: 'iproute' },
  nft: { debian: 'nftables', fedora: 'nftables' },
  mkdosfs: { debian: 'dosfstools', fedora: 'dosfstools' },
  mcopy: { debian: 'mtools', fedora: 'mtools' },
  setpriv: { debian: 'util-linux', fedora: 'util-linux' },
  flock: { debian: 'util-linux', fedora: 'util-linux' },
  'systemd-analyze': { debian: 'systemd', fedora: 'systemd' },
  bash: { debian: 'bash', fedora: 'bash' },
  curl: { debian: 'curl', fedora: 'curl' },
};

type Package = { readonly debian: string; readonly fedora: string };

const releases: Readonly<Record<string, string>> = {
  'cloud-hypervisor': `install cloud-hypervisor ${formatChVersion(RECOMMENDED)} or newer into /usr/local/bin:\n${RELEASES}`,
  'ch-remote': `it is released together with cloud-hypervisor; put it into /usr/local/bin:\n${RELEASES}`,
};

export function programsPresent(
  facts: Pick<Facts, 'missing' | 'distribution'>,
): readonly Diagnostic[] {
  const missing = facts.missing.filter((name) => !name.startsWith('/'));
  return missing.map((name) =>
    ofHost('program-present', `the program ${name} is not installed`, sourceOfProgram(name, facts)),
  );
}

function sourceOfProgram(
  name: string,
  { distribution }: Pick<Facts, 'distribution'>,
): string | undefined {
  const found = packages[name];
  if (found === undefined) return releases[name];
  const ways = {
    debian: `sudo apt install ${found.debian}`,
    fedora: `sudo dnf install ${found.fedora}`,
  };
  return distribution === undefined ? `${ways.debian}, or: ${ways.fedora}` : ways[distribution];
}

/** A boot cannot use the program that is running now, since nobody knows whether it stays. */
export function programInPath(
  { ownProgram }: Pick<Facts, 'ownProgram'>,
  what: string,
): readonly Diagnostic[] {
  if (ownProgram) return [];
  return [
    {
      ...ofHost(
        'program-in-path',
        `systemd finds no vllmd, so after a power cut during an install no ${what} would start by itself`,
        'put the program, or a link to it, there: /usr/local/bin/vllmd (from the sources: sudo ./install.sh)',
      ),
      severity: 'warning',
    },
  ];
}

const devices: Readonly<Record<string, string>> = {
  '/dev/kvm':
    'switch virtualisation on in the firmware (Intel: VT-x; AMD: SVM Mode)\nthen: sudo modprobe kvm_intel, or: sudo modprobe kvm_amd',
  '/dev/net/tun': 'load it: sudo modprobe tun',
};

function filesPresent({ facts }: PreflightInput): readonly Diagnostic[] {
  const missing = facts.missing.filter((name) => name.startsWith('/'));
  return missing.map((path) =>
    ofHost(
      'file-present',
      `${path} does not exist`,
      devices[path] ?? `put it there; the virtual machines start from it${sourceOf(path)}`,
    ),
  );
}

function sourceOf(path: string): string {
  return path.endsWith('/CLOUDHV.fd') ? `:\n${FIRMWARE}` : '';
}

/** Without its version nothing says which keys of a definition it would silently ignore. */
function versionKnown({ facts: { cloudHypervisor } }: PreflightInput): readonly Diagnostic[] {
  if (cloudHypervisor === undefined || parseChVersion(cloudHypervisor) !== undefined) return [];
  const found = cloudHypervisor.split('\n')[0] ?? '';
  return [
    ofHost(
      'cloud-hypervisor-version',
      `cloud-hypervisor --version prints no version: "${found}"`,
      `install cloud-hypervisor ${formatChVersion(RECOMMENDED)} or newer into /usr/local/bin`,
    ),
  ];
}

/** Rule G-12 of the VM definitions, once for the host. */
function versionUsable({ desired, facts }: PreflightInput): readonly Diagnostic[] {
  const version = parseChVersion(facts.cloudHypervisor ?? '');
  if (version === undefined || compareChVersions(version, RECOMMENDED) >= 0) return [];
  const found = `cloud-hypervisor ${formatChVersion(version)}`;
  const help = `install ${formatChVersion(RECOMMENDED)} or newer into /usr/local/bin`;
  if (compareChVersions(version, MINIMUM) < 0) {
    const message = `${found} is too old: ${formatChVersion(MINIMUM)} is the oldest that vllmd works with, ${formatChVersion(RECOMMENDED)} is recommended`;
    return [ofHost('cloud-hypervisor-supported', message, help)];
  }
  const { hugepageBytes, shared } = desired.memory;
  const doubles = version.major === 52 && version.minor === 0;
  if (doubles && hugepageBytes === 0 && !shared) {
    const message = `${found} takes twice the memory of a VM without hugepages (cloud-hypervisor issue 8246)`;
    return [
      ofHost(
        'cloud-hypervisor-supported',
        message,
        `${help}, or set memory.hugepages or memory.shared`,
      ),
    ];
  }
  const message = `${found} works; ${formatChVersion(RECOMMENDED)} or newer is recommended`;
  return [{ ...ofHost('cloud-hypervisor-supported', message, help), severity: 'warning' }];
}
