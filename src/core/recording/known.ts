/** What of a host is known before its answers are written down: it says which lines of shared files matter. */
export type Known = {
  /** Names of the accounts that VMs run as, or may. */
  readonly accounts: ReadonlySet<string>;
  /** Numbers of their groups. */
  readonly groupIds: ReadonlySet<string>;
  /** `10de` and `10de:2330` of every PCI device. */
  readonly pciIds: ReadonlySet<string>;
  /** vllmd has asked for this path or one below it, so that the recording names it anyway. */
  readonly hasPathBelow: (path: string) => boolean;
};
