/** Bytes of MemTotal in the text of /proc/meminfo, whose "kB" are KiB. */
export function parseMemoryBytes(text: string): number | undefined {
  const kib = /^MemTotal:\s+(\d+) kB$/m.exec(text)?.[1];
  return kib === undefined ? undefined : Number(kib) * 1024;
}
