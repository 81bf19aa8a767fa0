import type { Diagnostic } from '../diagnostic.ts';
import type { Facts } from '../facts/facts.ts';
import type { MachineFacts } from '../facts/machine.ts';
import type { PciDevice, PciFacts } from '../facts/pci.ts';
import { isBridge } from '../facts/pci-driver.ts';
import { isChipset } from '../preflight/vfio/devices-to-bind.ts';
import type { Desired } from '../resolve/desired.ts';

/** What the config is that the host is held against. */
export type ConfigInView =
  | {
      readonly kind: 'valid';
      readonly file: string;
      /** What was left out or read as something else, where it stands; none in strict mode. */
      readonly forgiven: readonly Diagnostic[];
    }
  | {
      readonly kind: 'invalid';
      readonly file: string;
      readonly problems: number;
      /** The command that tells them. */
      readonly look: string;
    }
  | { readonly kind: 'none'; readonly why: string };

/** What the checks look at. */
export type PrecheckView = {
  readonly config: ConfigInView;
  /** Of the config; without one every GPU of the host has a runtime. */
  readonly desired: Desired;
  readonly facts: Facts;
  readonly machine: MachineFacts;
  /** What preflight says of all that. */
  readonly findings: readonly Diagnostic[];
  readonly isRoot: boolean;
};

/** With details of the devices that are wanted. */
export function pciOf({ facts, machine }: PrecheckView): PciFacts {
  return facts.pci ?? machine.pci;
}

/** The configured devices that are there, and no bridges; without a config all GPUs that could be passed on. */
export function wantedDevices(view: PrecheckView): readonly PciDevice[] {
  const { devices } = pciOf(view);
  return namedDevices(view)
    .flatMap((address) => devices.get(address) ?? [])
    .filter((device) => !(isBridge(device) || isChipset(device)));
}

/** Addresses, whatever is there. */
export function namedDevices({ desired }: PrecheckView): readonly string[] {
  return desired.runtimes.flatMap(({ gpus }) => gpus);
}

export function hasFinding({ findings }: PrecheckView, ...rules: readonly string[]): boolean {
  return findings.some(({ rule }) => rules.includes(rule));
}

const MOST_NAMED = 4;

/** `0000:01:00.0, 0000:02:00.0 and 6 more` */
export function listed(names: readonly string[]): string {
  const rest = names.length - MOST_NAMED;
  if (rest <= 1) return names.join(', ');
  return `${names.slice(0, MOST_NAMED).join(', ')} and ${rest} more`;
}
