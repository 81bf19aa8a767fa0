import type { Kind } from '../../../core/hive/documents.ts';

/** One request that was for a model, without anything of its contents. */
export type Handled = {
  readonly atMs: number;
  readonly requestId: string;
  readonly kind: Kind;
  /** As it was asked for. */
  readonly model: string;
  readonly serviceId: string | undefined;
  /** What the client got; 499 where it was gone before. */
  readonly status: number;
  readonly durationMs: number;
  readonly tries: number;
  /** The key of the client; undefined where none is needed. */
  readonly keyId: string | undefined;
};

/** Whoever wants to know of requests. */
export type Observer = (handled: Handled) => void;

/** The last ones, newest first. */
export type RecentTraffic = {
  readonly note: Observer;
  readonly latest: () => readonly Handled[];
  /** Since the start, by service. */
  readonly counts: () => ReadonlyMap<
    string,
    { readonly requests: number; readonly errors: number }
  >;
};

const KEPT = 50;

export function recentTraffic(): RecentTraffic {
  let latest: readonly Handled[] = [];
  const counts = new Map<string, { readonly requests: number; readonly errors: number }>();
  return {
    note: (handled) => {
      latest = [handled, ...latest].slice(0, KEPT);
      if (handled.serviceId === undefined) return;
      const { requests, errors } = counts.get(handled.serviceId) ?? { requests: 0, errors: 0 };
      const isError = handled.status >= 500;
      counts.set(handled.serviceId, { requests: requests + 1, errors: errors + (isError ? 1 : 0) });
    },
    latest: () => latest,
    counts: () => counts,
  };
}
