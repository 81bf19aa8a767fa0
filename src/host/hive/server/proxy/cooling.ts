/** Services that have just failed a request: others come first, until one of theirs succeeds or some seconds are over. */
export type Cooling = {
  readonly isCooling: (serviceId: string) => boolean;
  readonly failed: (serviceId: string) => void;
  readonly worked: (serviceId: string) => void;
};

const COOLING_MS = 5_000;

export function coolingBy(now: () => number): Cooling {
  const until = new Map<string, number>();
  return {
    isCooling: (serviceId) => (until.get(serviceId) ?? 0) > now(),
    failed: (serviceId) => void until.set(serviceId, now() + COOLING_MS),
    worked: (serviceId) => void until.delete(serviceId),
  };
}
