/** In the order in which they are shown. */
export const subsystems = [
  'config',
  'cpu',
  'iommu',
  'gpus',
  'memory',
  'kernel',
  'software',
  'storage',
  'network',
  'limits',
] as const;

export type Subsystem = (typeof subsystems)[number];

/**
 * `fail`: an install would be refused, or a VM would not run. `warn`: it runs, and not as it should. `risk`: it runs, and what
 * one guest could learn or do is more than it has to be.
 */
export type Verdict = 'pass' | 'info' | 'warn' | 'risk' | 'fail';

/** One thing that was looked at, as data. `id` is stable: programs may rely on it. */
export type Check = {
  readonly id: string;
  readonly subsystem: Subsystem;
  readonly verdict: Verdict;
  /** Lower case, no full stop: what was found. */
  readonly message: string;
  /** What to type or to set, line by line. */
  readonly remedy?: readonly string[];
  /** What the message stands on, line by line. */
  readonly detail?: readonly string[];
  /** Root could tell more. */
  readonly needsRoot?: true;
};
