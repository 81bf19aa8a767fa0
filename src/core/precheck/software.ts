import { programs } from '../facts/facts.ts';
import { formatChVersion, parseChVersion } from '../vm/version.ts';
import type { Check } from './check.ts';
import { hasFinding, type PrecheckView } from './view.ts';

/** Programs and their versions. What is missing or too old is said by preflight. */
export function softwareHostChecks(view: PrecheckView): readonly Check[] {
  return [...systemd(view), ...present(view), ...cloudHypervisor(view), ...chRemote(view)];
}

function systemd(view: PrecheckView): readonly Check[] {
  if (hasFinding(view, 'systemd-runs', 'systemd-version')) return [];
  const { systemdVersion } = view.facts;
  const base = { id: 'systemd-version', subsystem: 'software' } as const;
  if (systemdVersion !== undefined) {
    return [{ ...base, verdict: 'pass', message: `systemd ${systemdVersion} runs the host` }];
  }
  const message = 'systemd runs the host, and `systemctl --version` does not say which';
  return [
    {
      ...base,
      verdict: 'warn',
      message,
      remedy: ['252 or newer is needed: see systemctl --version'],
    },
  ];
}

function present({ facts, desired }: PrecheckView): readonly Check[] {
  const forNetwork: readonly string[] = desired.network.mode === 'none' ? ['ip', 'nft'] : [];
  const there = programs.filter(
    (program) => !(facts.missing.includes(program) || forNetwork.includes(program)),
  );
  if (there.length === 0) return [];
  const message = `installed: ${there.join(', ')}`;
  return [{ id: 'program-present', subsystem: 'software', verdict: 'pass', message }];
}

function cloudHypervisor(view: PrecheckView): readonly Check[] {
  const version = parseChVersion(view.facts.cloudHypervisor ?? '');
  if (version === undefined || hasFinding(view, 'cloud-hypervisor-supported')) return [];
  const message = `cloud-hypervisor ${formatChVersion(version)}`;
  return [{ id: 'cloud-hypervisor-version', subsystem: 'software', verdict: 'pass', message }];
}

/** They speak to each other over a socket, in the words of one version. */
function chRemote({ machine, facts }: PrecheckView): readonly Check[] {
  const base = { id: 'ch-remote-version', subsystem: 'software' } as const;
  if (facts.missing.includes('ch-remote') || facts.cloudHypervisor === undefined) return [];
  const own = numberIn(machine.chRemote ?? '');
  const other = numberIn(facts.cloudHypervisor);
  if (own === undefined || other === undefined) return [];
  if (own === other)
    return [{ ...base, verdict: 'pass', message: `ch-remote ${own}, as cloud-hypervisor` }];
  return [
    {
      ...base,
      verdict: 'warn',
      message: `ch-remote is ${own}, cloud-hypervisor is ${other}: they are released together`,
      remedy: [`put the ch-remote of ${other} into /usr/local/bin`],
    },
  ];
}

function numberIn(text: string): string | undefined {
  return /\bv?(\d{1,6}\.\d{1,6}(?:\.\d{1,6})?)/.exec(text)?.[1]?.replace(/^(\d+\.\d+)\.0$/, '$1');
}
