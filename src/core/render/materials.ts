import type { ConfigInput } from '../config/config-input.gen.ts';
import { type DevicePin, pinDevices } from '../facts/device-pin.ts';
import type { Facts } from '../facts/facts.ts';
import type { RenderContext } from '../kinds/kind.ts';
import { place } from '../placement/place.ts';
import type { Account, Desired } from '../resolve/desired.ts';
import { parseChVersion } from '../vm/version.ts';

/** A config and all that a host says to it: the same materials give the same artefacts. */
export type Materials = {
  readonly input: ConfigInput;
  /** Of `global.user`. */
  readonly account: Account;
  /** Of machine-id(5); '' where it cannot be read. */
  readonly machineId: string;
  readonly facts: Pick<Facts, 'cloudHypervisor' | 'numa' | 'pci'>;
  /** As the last install left them. */
  readonly recorded: readonly DevicePin[];
  /** Text of the file that [guest] names; '' is none. */
  readonly userData: string;
  /** By path, as the config has it. */
  readonly llama: RenderContext['llama'];
};

/** What a rendering needs besides the config. */
export function contextOf(desired: Desired, materials: Omit<Materials, 'input'>): RenderContext {
  const { facts, recorded, userData, llama } = materials;
  const devices = facts.pci?.devices ?? new Map();
  return {
    placements: place(desired, facts),
    pins: pinDevices(desired, facts.pci, recorded),
    virtualFunctions: new Set(
      [...devices.values()].filter((device) => device.isVirtualFunction).map((d) => d.address),
    ),
    version: parseChVersion(facts.cloudHypervisor ?? ''),
    addressBits: facts.pci?.iommuAddressBits,
    userData,
    llama,
  };
}
