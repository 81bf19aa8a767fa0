import { createHmac } from 'node:crypto';

/** Everything here follows from index, subnet and machine alone: a guest keeps its address whatever else changes. */

const DEFAULT_BASE = (10 << 24) | (77 << 16);
/** 02 is a locally administered unicast address; 76 6c is "vl". */
const MAC_PREFIX = '02:76:6c';

export type Subnet = {
  /** Lowest address, as a number. */
  readonly base: number;
  readonly prefixLength: number;
};

/** The one that is written in CIDR form, or else the smallest from 10.77.0.0/24 to /16 that holds every index and the broadcast address. */
export function subnetFor(indices: readonly number[], cidr = ''): Subnet {
  const [, address, length] = /^([\d.]+)\/(\d+)$/.exec(cidr) ?? [];
  if (address !== undefined) return { base: numberOf(address), prefixLength: Number(length) };
  const hosts = indices.reduce((most, index) => Math.max(most, index), 0) + 3;
  let prefixLength = 24;
  while (prefixLength > 16 && 2 ** (32 - prefixLength) < hosts) prefixLength -= 1;
  return { base: DEFAULT_BASE, prefixLength };
}

export function cidrOf({ base, prefixLength }: Subnet): string {
  return `${ipv4(base)}/${prefixLength}`;
}

/** The gateway has host number 1, the runtime with index N has N + 1. */
export function hostAddress({ base }: Subnet, number: number): string {
  return ipv4(base + number);
}

/** On a bridge of vllmd's own, where no other host's guests are. */
export function macAddress(index: number): string {
  const bytes = [index >> 16, index >> 8, index].map((byte) => hex(byte & 0xff));
  return `${MAC_PREFIX}:${bytes.join(':')}`;
}

/** On a bridge that guests of other hosts may share: 40 bits that only this machine and index have. */
export function macAddressOfHost(machineId: string, index: number): string {
  const bytes = [...machineHash(machineId, `mac ${index}`).subarray(0, 5)];
  return ['02', ...bytes.map(hex)].join(':');
}

/** A UUID that is the guest's own, and that does not tell the machine id: as machine-id(5) asks for. */
export function machineUuid(machineId: string, index: number): string {
  const bytes = [...machineHash(machineId, `uuid ${index}`).subarray(0, 16)];
  // Version 4 and the variant of RFC 9562, which some guests check.
  const marked = bytes.map((byte, at) => {
    if (at === 6) return (byte & 0x0f) | 0x40;
    return at === 8 ? (byte & 0x3f) | 0x80 : byte;
  });
  const text = marked.map(hex).join('');
  return [
    text.slice(0, 8),
    text.slice(8, 12),
    text.slice(12, 16),
    text.slice(16, 20),
    text.slice(20),
  ].join('-');
}

function machineHash(machineId: string, purpose: string): Buffer {
  return createHmac('sha256', machineId).update(`vllmd runtime ${purpose}`).digest();
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

function numberOf(address: string): number {
  return address.split('.').reduce((value, part) => (value << 8) | Number(part), 0);
}

function ipv4(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >> shift) & 0xff).join('.');
}
