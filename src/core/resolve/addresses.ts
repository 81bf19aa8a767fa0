/** Everything here follows from the index alone, so that a guest keeps its address whatever else changes. */

const SUBNET_BASE = (10 << 24) | (77 << 16);
/** 02 is a locally administered unicast address; 76 6c is "vl". */
const MAC_PREFIX = '02:76:6c';

/** The gateway has host number 1, the runtime with index N has N + 1. */
export function guestAddress(index: number): string {
  return ipv4(SUBNET_BASE + index + 1);
}

export const gatewayAddress = ipv4(SUBNET_BASE + 1);

/** The smallest subnet from /24 up to /16 that holds every index and the broadcast address. */
export function subnetFor(indices: readonly number[]): { prefixLength: number; cidr: string } {
  const hosts = Math.max(0, ...indices) + 3;
  let prefixLength = 24;
  while (prefixLength > 16 && 2 ** (32 - prefixLength) < hosts) prefixLength -= 1;
  return { prefixLength, cidr: `${ipv4(SUBNET_BASE)}/${prefixLength}` };
}

export function macAddress(index: number): string {
  const bytes = [index >> 16, index >> 8, index].map((byte) =>
    (byte & 0xff).toString(16).padStart(2, '0'),
  );
  return `${MAC_PREFIX}:${bytes.join(':')}`;
}

function ipv4(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >> shift) & 0xff).join('.');
}
