/**
 * The service account as the account database has it. `known: false`: it is not there, or with `isUntold` a recording does not
 * tell whether it is, and was assumed for a preview.
 */
export type Account = {
  readonly name: string;
  readonly group: string;
  readonly uid: number;
  readonly gid: number;
  /** Without a slash at the end. */
  readonly home: string;
  readonly known: boolean;
  readonly isUntold?: boolean;
};

/** The config with paths expanded and defaults applied. Nothing in here is optional; '' is none. */
export type Desired = {
  readonly account: Account;
  /** Absolute, without a trailing slash. */
  readonly configDir: string;
  readonly stateDir: string;
  readonly guest: DesiredGuest;
  readonly memory: DesiredMemory;
  readonly vfio: DesiredVfio;
  readonly network: DesiredNetwork;
  /** Where the kernel's own command line is kept: nowhere, or in a file of GRUB's. */
  readonly kernelCommandLine: 'none' | 'grub';
  readonly hive: DesiredHive;
  /** In the order of their index. */
  readonly runtimes: readonly DesiredRuntime[];
};

/** What cloud-init makes of a guest. */
export type DesiredGuest = {
  readonly user: string;
  readonly sshAuthorizedKeys: readonly string[];
  readonly packages: readonly string[];
  /** Path of a file that is merged in. */
  readonly userData: string;
};

export type DesiredMemory = {
  /** 0 is: none. */
  readonly hugepageBytes: number;
  readonly numa: 'auto' | 'off';
  readonly prefault: boolean;
  readonly shared: boolean;
};

export type DesiredVfio = {
  readonly onRelease: 'keep-vfio' | 'restore-driver';
  /** PCI addresses of network, storage and other devices that may be taken along. */
  readonly allowGroupMembers: readonly string[];
  readonly identityLock: boolean;
};

export type DesiredNetwork = {
  readonly mode: 'nat' | 'bridge' | 'none';
  readonly bridge: string;
  /** The host's interface to the outside; '' is any. */
  readonly uplink: string;
  /** The bridge's own IPv4 address, the gateway of the guests. With `nat` only, like what follows. */
  readonly gateway: string;
  readonly prefixLength: number;
  /** In CIDR form. */
  readonly subnet: string;
  readonly nameServers: readonly string[];
};

/** The registry that is told what this host serves; without a `url` there is none. */
export type DesiredHive = {
  readonly url: string;
  /** Absolute. */
  readonly keyFile: string;
  /** '' is the name that the host has. */
  readonly hostId: string;
  /** '' is found out when the agent runs. */
  readonly address: string;
  /** Path of a llama.cpp file, as the config has it. */
  readonly llamaConfig: string;
};

/** What a VM starts: firmware, which finds the rest on the disk, or a kernel. */
export type DesiredPayload =
  | { readonly type: 'firmware'; readonly firmware: string }
  | {
      readonly type: 'kernel';
      readonly kernel: string;
      readonly initramfs: string;
      readonly commandLine: string;
    };

export type DesiredRuntime = {
  readonly index: number;
  readonly name: string;
  /** PCI addresses in canonical form, in the order of the config. */
  readonly gpus: readonly string[];
  /** The GPUs may write to each other's memory: one GPUDirect clique. */
  readonly gpuP2p: boolean;
  readonly memoryGib: number;
  readonly cpus: number;
  readonly payload: DesiredPayload;
  readonly baseImage: string;
  readonly diskBytes: number;
  readonly tap: string;
  readonly mac: string;
  /** IPv4 address of the guest; '' where somebody else gives it one. */
  readonly address: string;
  /** Receive and send queues together; one pair a virtual CPU, four at most. */
  readonly networkQueues: number;
  readonly hostname: string;
  /** Of its SMBIOS tables: the same for as long as host and index are. */
  readonly uuid: string;
  readonly autostart: boolean;
  /** `manual`: a changed definition waits for the operator. */
  readonly restart: 'auto' | 'manual';
  readonly preventRemoval: boolean;
  /** Path of a llama.cpp file, as the config has it. */
  readonly llamaConfig: string;
  /** JSON pointer of its table in the config. */
  readonly source: string;
};
