import { type Diagnostic, errorAt } from '../diagnostic.ts';
import type { Facts } from '../facts/facts.ts';
import type { Desired, DesiredRuntime } from '../resolve/desired.ts';
import { runtimePaths } from '../resolve/layout.ts';

/** What would stop these runtimes from running on this host, all of it, each at the line of the config that asks for it. */
export function preflight(desired: Desired, facts: Facts): readonly Diagnostic[] {
  return [
    ...userExists(desired),
    ...homeExists(desired, facts),
    ...systemdRuns(facts),
    ...programsPresent(facts),
    ...filesPresent(facts),
    ...memoryFitsHost(desired, facts),
    ...cpusFitHost(desired, facts),
    ...gpusPresent(desired, facts),
    ...disksBelongToUser(desired, facts),
  ];
}

function ofHost(rule: string, message: string, help?: string): Diagnostic {
  return { ...errorAt(rule, '', message, help), subject: 'host' };
}

function userExists({ account }: Desired): readonly Diagnostic[] {
  if (account.known) return [];
  return [
    errorAt(
      'user-exists',
      '/global/user',
      `global.user: the host has no account "${account.name}"`,
      `create it, for example: useradd --system --create-home ${account.name}`,
    ),
  ];
}

/** A home is made by whoever makes the account, with its own owner and contents. */
function homeExists(
  { account, configDir, stateDir }: Desired,
  facts: Facts,
): readonly Diagnostic[] {
  const isUsed = [configDir, stateDir].some((path) => path.startsWith(`${account.home}/`));
  if (!account.known || facts.homeExists || !isUsed) return [];
  return [
    errorAt(
      'home-exists',
      '/global/user',
      `global.user: the account "${account.name}" has the home ${account.home}, which does not exist`,
      'create it with this owner, or name other directories in state_dir and config_dir',
    ),
  ];
}

/** The VM runs as the service account and has to write its disk. */
function disksBelongToUser(
  { account, runtimes, ...desired }: Desired,
  facts: Facts,
): readonly Diagnostic[] {
  if (!account.known) return [];
  return runtimes.flatMap(({ index, source }) => {
    const { dir } = runtimePaths(desired, index);
    const uid = facts.diskOwners.get(`${dir}/disk.raw`);
    if (uid === undefined || uid === account.uid) return [];
    return [
      errorAt(
        'disk-belongs-to-user',
        source,
        `runtime ${index}: ${dir}/disk.raw belongs to user id ${uid}, the VM runs as ${account.name}`,
        `stop the runtime, then: chown ${account.name}:${account.group} ${dir}/disk.raw ${dir}/seed.img`,
      ),
    ];
  });
}

function systemdRuns(facts: Facts): readonly Diagnostic[] {
  if (facts.systemd) return [];
  const help = 'run vllmd on a host that was booted with systemd';
  return [ofHost('systemd-runs', 'systemd does not run this host', help)];
}

function programsPresent(facts: Facts): readonly Diagnostic[] {
  const missing = facts.missing.filter((name) => !name.startsWith('/'));
  const help: Readonly<Record<string, string>> = {
    'cloud-hypervisor': 'install cloud-hypervisor 51.2 or newer into /usr/local/bin',
    'ch-remote': 'it is released together with cloud-hypervisor; put it into /usr/local/bin',
    ip: 'install the package iproute2',
    nft: 'install the package nftables',
    mkdosfs: 'install the package dosfstools',
    mcopy: 'install the package mtools',
    setpriv: 'install the package util-linux',
  };
  return missing.map((name) =>
    ofHost('program-present', `the program ${name} is not installed`, help[name]),
  );
}

function filesPresent(facts: Facts): readonly Diagnostic[] {
  const missing = facts.missing.filter((name) => name.startsWith('/'));
  const help: Readonly<Record<string, string>> = {
    '/dev/kvm': 'switch virtualisation on in the firmware and load kvm_intel or kvm_amd',
  };
  return missing.map((path) =>
    ofHost(
      'file-present',
      `${path} does not exist`,
      help[path] ?? `put it there; the virtual machines start from it`,
    ),
  );
}

function memoryFitsHost(desired: Desired, facts: Facts): readonly Diagnostic[] {
  const bytes = facts.memoryBytes;
  if (bytes === undefined) return [];
  const hostGib = Math.floor(bytes / 2 ** 30);
  const wantedGib = sum(desired.runtimes, (runtime) => runtime.memoryGib);
  if (wantedGib <= hostGib) return [];
  return [
    errorAt(
      'memory-fits-host',
      '/runtimes',
      `the runtimes want ${wantedGib} GiB of memory together, the host has ${hostGib} GiB`,
      'lower memory_gb of a runtime, or global.default_memory_gb; a GPU pins all memory of its VM',
    ),
  ];
}

function cpusFitHost(desired: Desired, facts: Facts): readonly Diagnostic[] {
  const { cpus } = facts;
  if (cpus === undefined) return [];
  const wanted = sum(desired.runtimes, (runtime) => runtime.cpus);
  if (wanted <= cpus) return [];
  return [
    errorAt(
      'cpus-fit-host',
      '/runtimes',
      `the runtimes want ${wanted} CPUs together, the host has ${cpus}`,
      'lower cpus of a runtime, or global.default_cpus',
    ),
  ];
}

function gpusPresent(desired: Desired, facts: Facts): readonly Diagnostic[] {
  if (facts.pciDevices === undefined) return [];
  const present = new Set(facts.pciDevices);
  return desired.runtimes.flatMap((runtime) =>
    runtime.gpus.flatMap((address, position) =>
      present.has(address)
        ? []
        : [
            errorAt(
              'gpu-present',
              `${runtime.source}/gpus/${position}`,
              `runtime ${runtime.index}: the host has no PCI device ${address}`,
              'list the devices with `lspci -D`; addresses move when cards are added or removed',
            ),
          ],
    ),
  );
}

function sum(runtimes: readonly DesiredRuntime[], of: (runtime: DesiredRuntime) => number): number {
  return runtimes.reduce((total, runtime) => total + of(runtime), 0);
}
