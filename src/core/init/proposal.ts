import type { DefaultRoute } from '../facts/setup.ts';

/** A first config for a host, with the reasons for what is in it. */
export type Proposal = {
  readonly user: ProposedUser;
  /** By index, from 1 on. */
  readonly runtimes: readonly ProposedRuntime[];
  /** GPUs that no runtime gets, and why. */
  readonly leftOut: readonly LeftOut[];
  /** Functions of one card that go to several runtimes. */
  readonly allowGroupMembers: readonly string[];
  /** Pages of this size are reserved, and are what the runtimes get. */
  readonly hugepages: '1G' | '2M' | undefined;
  readonly shares: readonly NodeShare[];
  readonly network: ProposedNetwork;
  /** What an operator should know of the host before he installs, each with what helps. */
  readonly notes: readonly string[];
  /** Those of them that hold as long as the host is built as it is. */
  readonly ofBoard: readonly string[];
};

/** `exists`: the host has the account; undefined where a recording does not tell. `why` it was chosen: `who called sudo`. */
export type ProposedUser = {
  readonly name: string;
  readonly exists: boolean | undefined;
  readonly why: string;
};

export type ProposedRuntime = {
  readonly index: number;
  readonly name: string;
  readonly gpus: readonly ProposedGpu[];
  readonly memoryGib: number;
  readonly cpus: number;
  /** Somebody has chosen memory or CPUs otherwise than they were proposed. */
  readonly isEdited: boolean;
  readonly remarks: readonly string[];
};

export type ProposedGpu = {
  readonly address: string;
  /** `NVIDIA GH100 [H100 SXM5 80GB]` */
  readonly name: string;
  readonly iommuGroup: string | undefined;
  readonly numaNode: number | undefined;
};

export type LeftOut = {
  readonly gpus: readonly ProposedGpu[];
  /** What is in the way, and what would work. */
  readonly reasons: readonly string[];
  /** What it would get beside the others; undefined where nothing would be left for it. */
  readonly part: { readonly memoryGib: number; readonly cpus: number } | undefined;
};

/** What the runtimes get of a NUMA node together, and what stays with the host. */
export type NodeShare = {
  /** undefined where the host is one node. */
  readonly node: number | undefined;
  readonly gpuCount: number;
  readonly cpuCount: number;
  readonly runtimeCpus: number;
  readonly memoryGib: number;
  readonly runtimeMemoryGib: number;
};

export type ProposedNetwork = {
  /** undefined: any interface. */
  readonly uplink: string | undefined;
  readonly defaultRoute: DefaultRoute | undefined;
  /** Only where the usual one is taken. */
  readonly bridge: string | undefined;
  readonly subnet: string | undefined;
};
