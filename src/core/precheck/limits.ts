import { gib } from '../preflight/check.ts';
import type { Check } from './check.ts';
import type { PrecheckView } from './view.ts';

/**
 * VFIO pins all memory of a guest, and counts it against RLIMIT_MEMLOCK. `ulimit -l` of a shell does not matter: the units say
 * LimitMEMLOCK=infinity, and only a systemd without CAP_SYS_RESOURCE (in a container) silently gives them its own limit.
 */
export function limitChecks({
  machine: { systemdLimits },
  desired,
}: PrecheckView): readonly Check[] {
  const base = { id: 'memlock', subsystem: 'limits' } as const;
  const { isPrivileged, lockedBytes } = systemdLimits;
  if (isPrivileged === true || lockedBytes === Number.POSITIVE_INFINITY) {
    const message =
      'the units set LimitMEMLOCK=infinity, and systemd can give it to them; `ulimit -l` of a shell does not count';
    return [{ ...base, verdict: 'pass', message }];
  }
  if (isPrivileged === undefined || lockedBytes === undefined) {
    const message =
      '/proc/1 does not show what systemd can give its units; they set LimitMEMLOCK=infinity';
    return [{ ...base, verdict: 'info', message }];
  }
  const wanted = Math.max(0, ...desired.runtimes.map(({ memoryGib }) => memoryGib)) * 2 ** 30;
  const message = `systemd lacks CAP_SYS_RESOURCE and may lock ${gib(lockedBytes)}: LimitMEMLOCK=infinity of the units comes down to that, too little for a VM of ${gib(wanted)} with a GPU`;
  const remedy = [
    'is this a container? run vllmd on the host itself',
    'or start it with the limit lifted: docker run --ulimit memlock=-1 --cap-add SYS_RESOURCE, LimitMEMLOCK=infinity for systemd-nspawn@',
  ];
  return [{ ...base, verdict: lockedBytes < wanted ? 'fail' : 'warn', message, remedy }];
}
