import { visible } from '../../../core/control-characters.ts';
import { counted } from '../../../core/counted.ts';
import type { Round } from '../../../core/hive/agent/round.ts';
import type { HostDocument } from '../../../core/hive/documents.ts';
import type { Inventory } from '../../../core/hive/inventory/inventory.ts';
import { RefusedError } from '../client/refused.ts';
import type { AgentOutside } from './agent.ts';
import type { Reporter } from './report.ts';

/** What the registry has of one host, as far as its agent knows. */
export type Registration = {
  /** Whether the registry has ever taken the host. */
  readonly hasRegistered: () => boolean;
  /** The host, or where it is, may be another one than was registered. */
  readonly isInDoubt: () => boolean;
  /** The next report registers the host anew. */
  readonly renew: () => void;
  readonly report: (host: HostDocument, assets: Inventory['assets'], round: Round) => Promise<void>;
};

/** What was left out may be taken by now: the registry has another config, or the other host is gone. */
const ASK_AGAIN_MS = 300_000;

export function registrationOf(
  reporter: Reporter,
  url: string,
  { now, tell }: Pick<AgentOutside, 'now' | 'tell'>,
): Registration {
  /** Services that the registry does not take, and why. */
  let left: ReadonlyMap<string, string> = new Map();
  let askedAtMs = 0;
  let isRegistered = false;
  let isOffered = false;
  let hasRegistered = false;
  let isInDoubt = true;

  const register = async (host: HostDocument, { services }: Round): Promise<void> => {
    const before = isRegistered ? left : undefined;
    left = await reporter.register(host, services);
    askedAtMs = now();
    isRegistered = true;
    isOffered = false;
    hasRegistered = true;
    if (before === undefined) {
      const count = counted(services.length - left.size, 'service');
      tell(`agent of ${visible(host.host_id)}: ${count}, registered at ${visible(url)}`);
    }
    for (const line of changesOf(before ?? new Map(), left)) tell(visible(line));
  };
  /** Heartbeats do not depend on it. What is refused is told, and offered again when the host registers again. */
  const offer = async (assets: Inventory['assets']): Promise<void> => {
    try {
      await reporter.offer(assets);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      tell(`assets are not told of: ${visible(error.message.replaceAll('\n', ' '))}`);
    }
    isOffered = true;
  };
  const isDue = () => left.size > 0 && now() - askedAtMs >= ASK_AGAIN_MS;
  return {
    hasRegistered: () => hasRegistered,
    isInDoubt: () => isInDoubt,
    renew: () => {
      isRegistered = false;
    },
    report: async (host, assets, round) => {
      const isTaken = (id: string) => !left.has(id);
      isInDoubt = true;
      if (isRegistered) {
        const taken = round.services.filter(({ service_id }) => isTaken(service_id));
        isRegistered = await reporter.beat(host, taken);
      }
      const isLost = !isRegistered;
      if (isLost || isDue()) await register(host, round);
      await reporter.sample(round.samples.filter(({ target_id }) => isTaken(target_id)));
      if (!isOffered) await offer(assets);
      // Where it had to register again, its address may be another one by now.
      isInDoubt = isLost;
    },
  };
}

/** What is new about what was left out. */
function changesOf(
  before: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
): readonly string[] {
  const refused = [...now].filter(([id, why]) => before.get(id) !== why);
  const taken = [...before.keys()].filter((id) => !now.has(id));
  return [
    ...refused.map(([id, why]) => `${id}: left out, the registry refuses it: ${why}`),
    ...taken.map((id) => `${id}: registered now`),
  ];
}
