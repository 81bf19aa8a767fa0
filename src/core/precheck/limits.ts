import { gib } from '../preflight/check.ts';
import type { Check } from './check.ts';
import type { PrecheckView } from './view.ts';

/**
 * VFIO pins all memory of a guest, and counts it against RLIMIT_MEMLOCK. `ulimit -l` of a shell does not matter: the units say
 * LimitMEMLOCK=infinity, and only a systemd without CAP_SYS_RESOURCE (in a container) silently gives them its own limit.
 */
export function limitChecks({
  config,
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
  const limited = `systemd lacks CAP_SYS_RESOURCE and may lock ${size(lockedBytes)}: LimitMEMLOCK=infinity of the units comes down to that`;
  const withGpus = desired.runtimes.filter(({ gpus }) => gpus.length > 0);
  if (withGpus.length === 0) {
    const message = `${limited}, and only a VM with a GPU locks its memory: there is none`;
    return [{ ...base, verdict: 'info', message }];
  }
  const wanted = Math.max(...withGpus.map(({ memoryGib }) => memoryGib)) * 2 ** 30;
  const isTooLittle = lockedBytes < wanted;
  const message = `${limited}, ${verdictOn(isTooLittle, config.kind === 'valid' ? wanted : undefined)}`;
  const remedy = [
    'is this a container? run vllmd on the host itself',
    'or start it with the limit lifted: docker run --ulimit memlock=-1 --cap-add SYS_RESOURCE, LimitMEMLOCK=infinity for systemd-nspawn@',
  ];
  return [{ ...base, verdict: isTooLittle ? 'fail' : 'warn', message, remedy }];
}

/** Without a config nothing is known of how large the VMs will be. */
function verdictOn(isTooLittle: boolean, wantedBytes: number | undefined): string {
  if (wantedBytes === undefined) return 'and a VM with a GPU locks all of its memory';
  const largest = `the largest VM with a GPU, which locks ${size(wantedBytes)}`;
  return isTooLittle ? `too little for ${largest}` : `enough for ${largest}, not for much more`;
}

function size(bytes: number): string {
  return bytes < 2 ** 30 ? `${Math.floor(bytes / 2 ** 20)} MiB` : gib(bytes);
}
