import { visible } from '../control-characters.ts';
import type { PciDevice } from './pci.ts';

/** Names of vendors by `10de`, of devices by `10de:2330`. */
export type PciNames = {
  readonly vendors: ReadonlyMap<string, string>;
  readonly devices: ReadonlyMap<string, string>;
};

export const noNames: PciNames = { vendors: new Map(), devices: new Map() };

/** The database that lspci reads, of some fifty thousand lines: only those of the wanted devices are kept. See pci.ids(5). */
export function parsePciIds(text: string, wanted: ReadonlySet<string>): PciNames {
  const wantedVendors = new Set([...wanted].map((id) => id.slice(0, 4)));
  const vendors = new Map<string, string>();
  const devices = new Map<string, string>();
  let vendor = '';
  for (const line of text.split('\n')) {
    // Device classes follow, which are called otherwise here.
    if (line.startsWith('C ')) break;
    const [, tabs, id = '', name = ''] = /^(\t?)([\da-f]{4}) {2}(.+)$/.exec(line) ?? [];
    if (tabs === '') {
      vendor = id;
      if (wantedVendors.has(id)) vendors.set(id, visible(name.trim()));
    }
    const key = `${vendor}:${id}`;
    if (tabs === '\t' && wanted.has(key)) devices.set(key, visible(name.trim()));
  }
  return { vendors, devices };
}

/** `10de:2330` */
export function modelOf({ vendor, device }: Pick<PciDevice, 'vendor' | 'device'>): string {
  return `${vendor}:${device}`;
}

/** `NVIDIA GH100 [H100 SXM5 80GB]`, or as much of it as is known. */
export function deviceName(device: Pick<PciDevice, 'vendor' | 'device'>, names: PciNames): string {
  const vendor = names.vendors.get(device.vendor);
  const model = modelOf(device);
  if (vendor === undefined) return model;
  const maker = shortVendor(vendor);
  const name = names.devices.get(model) ?? model;
  // Some names begin with their maker.
  return name.startsWith(`${maker} `) ? name : `${maker} ${name}`;
}

/** `Advanced Micro Devices, Inc. [AMD/ATI]` is AMD/ATI, `NVIDIA Corporation` is NVIDIA. */
function shortVendor(name: string): string {
  const bracketed = /\[([^\]]+)\]\s*$/.exec(name)?.[1];
  if (bracketed !== undefined) return bracketed;
  const forms =
    /,? (?:Corporation|Corp\.?|Inc\.?|Co\.?,? Ltd\.?|Ltd\.?|Electronics|Technologies|Technology)$/;
  let short = name;
  while (forms.test(short)) short = short.replace(forms, '');
  return short;
}
