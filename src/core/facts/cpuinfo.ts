/** The flags of the first CPU in /proc/cpuinfo: `vmx`, `svm`, `hypervisor`, `pdpe1gb`. */
export function parseCpuFlags(cpuinfo: string): ReadonlySet<string> {
  const line = /^flags\s*:(.*)$/m.exec(cpuinfo)?.[1] ?? '';
  return new Set(line.split(/\s+/).filter(Boolean));
}

export function parseCpuModel(cpuinfo: string): string {
  return /^model name\s*:(.*)$/m.exec(cpuinfo)?.[1]?.trim() ?? '';
}
