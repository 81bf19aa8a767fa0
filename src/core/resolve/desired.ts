/** The service account as the account database has it. `known: false`: it is not there and was assumed for a preview. */
export type Account = {
  readonly name: string;
  readonly group: string;
  readonly uid: number;
  readonly gid: number;
  /** Without a slash at the end. */
  readonly home: string;
  readonly known: boolean;
};

/** The config with paths expanded and defaults applied. Nothing in here is optional. */
export type Desired = {
  readonly account: Account;
  /** Absolute, without a trailing slash. */
  readonly configDir: string;
  readonly stateDir: string;
  readonly firmware: string;
  readonly baseImage: string;
  readonly diskBytes: number;
  readonly network: DesiredNetwork;
  /** In the order of their index. */
  readonly runtimes: readonly DesiredRuntime[];
};

export type DesiredNetwork = {
  readonly bridge: string;
  /** The host's interface to the outside; '' is any. */
  readonly uplink: string;
  /** The bridge's own IPv4 address, the gateway of the guests. */
  readonly gateway: string;
  readonly prefixLength: number;
  /** In CIDR form. */
  readonly subnet: string;
  readonly nameServers: readonly string[];
};

export type DesiredRuntime = {
  readonly index: number;
  readonly name: string;
  /** PCI addresses in canonical form, in the order of the config. */
  readonly gpus: readonly string[];
  readonly memoryGib: number;
  readonly cpus: number;
  readonly tap: string;
  readonly mac: string;
  /** IPv4 address of the guest. */
  readonly address: string;
  /** Receive and send queues together; one pair a virtual CPU, four at most. */
  readonly networkQueues: number;
  /** JSON pointer of its table in the config. */
  readonly source: string;
};
