import { unescaped } from './mounts.ts';

/** Which block devices the host uses. */
export type BlockUse = {
  /** Mount points, by `major:minor` and by source: btrfs has device numbers of its own. */
  readonly mounts: ReadonlyMap<string, string>;
  /** Paths of the devices that are swap space. */
  readonly swaps: ReadonlySet<string>;
};

/** Out of /proc/self/mountinfo and /proc/swaps. */
export function parseBlockUse(mountinfo: string, swaps: string): BlockUse {
  const mounts = new Map<string, string>();
  for (const line of mountinfo.split('\n')) {
    const [, , number, , point, ...rest] = line.split(' ');
    if (number === undefined || point === undefined) continue;
    const source = rest[rest.indexOf('-') + 2] ?? '';
    for (const key of [number, unescaped(source)]) {
      // The first is where it was mounted; what follows are copies of it, for containers say.
      if (!mounts.has(key)) mounts.set(key, unescaped(point));
    }
  }
  const [, ...lines] = swaps.split('\n');
  return { mounts, swaps: new Set(lines.map((line) => unescaped(line.split(/\s/)[0] ?? ''))) };
}
