import type { Check } from './check.ts';
import type { PrecheckView } from './view.ts';

/** What the taps of the guests are made with. Interfaces and subnets of a config are looked at by preflight. */
export function networkHostChecks({ desired, facts }: PrecheckView): readonly Check[] {
  const base = { id: 'network-devices', subsystem: 'network' } as const;
  if (desired.network.mode === 'none') {
    return [{ ...base, verdict: 'info', message: 'the config wants no network (mode = "none")' }];
  }
  if (facts.missing.includes('/dev/net/tun')) return [];
  return [{ ...base, verdict: 'pass', message: '/dev/net/tun is there' }];
}
