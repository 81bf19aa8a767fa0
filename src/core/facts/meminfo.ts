/** Bytes of MemTotal in the text of /proc/meminfo, or of a node's own, whose "kB" are KiB. */
export function parseMemoryBytes(text: string): number | undefined {
  const kib = /^(?:Node \d+ )?MemTotal:\s+(\d+) kB$/m.exec(text)?.[1];
  return kib === undefined ? undefined : Number(kib) * 1024;
}

/** Bytes of MemAvailable in the text of /proc/meminfo. */
export function parseAvailableBytes(text: string): number | undefined {
  const kib = /^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1];
  return kib === undefined ? undefined : Number(kib) * 1024;
}
