/** The memory nodes of a host, by number; one where the machine has no others. */
export type NumaFacts = { readonly nodes: readonly NumaNode[] };

export type NumaNode = {
  readonly id: number;
  /** Numbers of its CPUs that are online. */
  readonly cpus: readonly number[];
  readonly memoryBytes: number;
  /** By page size in bytes. */
  readonly hugepages: ReadonlyMap<number, { readonly total: number; readonly free: number }>;
};
