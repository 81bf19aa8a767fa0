import { type Diagnostic, errorAt } from '../diagnostic.ts';
import type { DevicePin } from '../facts/device-pin.ts';
import type { Facts } from '../facts/facts.ts';
import type { Placement } from '../placement/place.ts';
import type { Desired } from '../resolve/desired.ts';

export type PreflightInput = {
  readonly desired: Desired;
  readonly facts: Facts;
  readonly placements: ReadonlyMap<number, Placement>;
  /** What the devices were when they were last taken, by address. */
  readonly pins: ReadonlyMap<string, DevicePin>;
};

/** A problem of the machine and of no line of the config. */
export function ofHost(rule: string, message: string, help?: string): Diagnostic {
  return { ...errorAt(rule, '', message, help), subject: 'host' };
}

export function warningAt(
  rule: string,
  pointer: string,
  message: string,
  help?: string,
): Diagnostic {
  return { ...errorAt(rule, pointer, message, help), severity: 'warning' };
}

/** Whole GiB where it is whole, else one digit; never more than there is. */
export function gib(bytes: number): string {
  const value = bytes / 2 ** 30;
  return `${Number.isInteger(value) ? value : (Math.floor(value * 10) / 10).toFixed(1)} GiB`;
}
