import type { SystemdLimits } from './machine.ts';

/** Bit 24 of capabilities(7). */
const CAP_SYS_RESOURCE = 24n;

/** Out of /proc/1/status and /proc/1/limits; infinite where it says `unlimited`. */
export function parseSystemdLimits(status: string, limits: string): SystemdLimits {
  const bounding = /^CapBnd:\s*([\da-f]{1,16})$/m.exec(status)?.[1];
  const hard = /^Max locked memory\s+\S+\s+(\d+|unlimited)\s/m.exec(limits)?.[1];
  return {
    isPrivileged:
      bounding === undefined
        ? undefined
        : ((BigInt(`0x${bounding}`) >> CAP_SYS_RESOURCE) & 1n) === 1n,
    lockedBytes: hard === 'unlimited' ? Number.POSITIVE_INFINITY : numberOf(hard),
  };
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}
