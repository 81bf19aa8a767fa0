/** What host.json says about the machine itself. What is left out is as on a machine that is ready and up to date. */
export type MachineDescription = {
  readonly kernelRelease?: string;
  /** `ID` of os-release. */
  readonly distribution?: string;
  /** By name; nothing else is said of these. */
  readonly vulnerabilities?: Readonly<Record<string, string>>;
  readonly smt?: boolean;
  readonly nested?: boolean;
  /** PID 1 has no CAP_SYS_RESOURCE, and this limit of locked memory. */
  readonly lockedBytes?: number;
};

const usual: Readonly<Record<string, string>> = {
  meltdown: 'Not affected',
  spectre_v1: 'Mitigation: usercopy/swapgs barriers and __user pointer sanitization',
  spectre_v2: 'Mitigation: Enhanced / Automatic IBRS; IBPB: conditional; STIBP: always-on',
};

/** The tree of procfs and sysfs that such a machine shows. */
export function machineFiles(
  description: MachineDescription & { readonly cpuVendor?: string },
): ReadonlyMap<string, string> {
  const { kernelRelease = '6.8.0-45-generic', distribution = 'ubuntu', smt = false } = description;
  const { vulnerabilities = usual, nested = false, lockedBytes } = description;
  const module = description.cpuVendor === 'amd' ? 'kvm_amd' : 'kvm_intel';
  const bounding = lockedBytes === undefined ? '000001ffffffffff' : '000001fffeffffff';
  const limit = String(lockedBytes ?? 8_388_608).padEnd(20);
  return new Map([
    ['/proc/sys/kernel/osrelease', `${kernelRelease}\n`],
    ['/etc/os-release', `PRETTY_NAME="A Linux"\nID=${distribution}\n`],
    ['/sys/devices/system/cpu/smt/active', `${smt ? 1 : 0}\n`],
    ...Object.entries(vulnerabilities).map(
      ([name, text]) => [`/sys/devices/system/cpu/vulnerabilities/${name}`, `${text}\n`] as const,
    ),
    [`/sys/module/${module}/parameters/nested`, nested ? 'Y\n' : 'N\n'],
    ['/proc/1/status', `Name:\tsystemd\nCapBnd:\t${bounding}\n`],
    [
      '/proc/1/limits',
      `Limit  Soft  Hard  Units\nMax locked memory         ${limit} ${limit} bytes\n`,
    ],
  ]);
}
