import { identityOf } from '../../facts/device-pin.ts';
import type { VfioView } from './vfio-view.ts';

const MOST_NAMED = 4;

/** Where a recorded device may stand now; undefined where nothing else has its identity. */
export function movedTo(view: VfioView, identity: string | undefined): string | undefined {
  const found = [...view.pci.devices.values()]
    .filter((device) => identityOf(device) === identity && isFree(view, device.address))
    .map(({ address }) => address)
    .sort();
  if (found.length === 0) return undefined;
  const more = found.length > MOST_NAMED ? ` or ${found.length - MOST_NAMED} others` : '';
  const places = found.slice(0, MOST_NAMED).join(' or ');
  return `moved to ${places}${more}? then name that address in gpus`;
}

/** No runtime names it and no record is about it. */
function isFree({ bound, pins }: VfioView, address: string): boolean {
  return !bound.has(address) && !pins.has(address);
}
