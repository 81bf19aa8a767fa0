import type { Endpoint } from '../../llama/instance.ts';
import { addressesOf } from '../../llama/run/addresses.ts';

/** How others reach what listens somewhere. */
export type Reach =
  | {
      /** null is the host's. */
      readonly address: string | null;
      readonly notes: readonly string[];
    }
  | { readonly why: string };

const EVERYWHERE = ['0.0.0.0', '::'];

/** `guest` is the address of the guest that it listens in, '' one that is not known; undefined is the host. */
export function reachOf(endpoint: Endpoint, guest: string | undefined): Reach {
  const hosts = addressesOf(endpoint).flatMap((one) =>
    one.kind === 'port' ? [one.host.toLowerCase()] : [],
  );
  const [first] = hosts;
  if (first === undefined) return { why: 'it listens on UNIX sockets alone' };
  if (hosts.some((host) => EVERYWHERE.includes(host))) return everywhere(guest);
  const outside = hosts.find((host) => !isLoopback(host));
  if (outside !== undefined) return { address: outside, notes: [] };
  if (guest !== undefined) return { why: 'it listens on the loopback address of its guest alone' };
  const note = 'it listens on the loopback address: only a registry on this host reaches it';
  return { address: first === 'localhost' ? '127.0.0.1' : first, notes: [note] };
}

function everywhere(guest: string | undefined): Reach {
  if (guest === '') return { why: 'the address of its guest is not known' };
  return { address: guest ?? null, notes: [] };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
