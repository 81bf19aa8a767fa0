import { isSocketPath } from '../endpoint.ts';
import type { Endpoint } from '../instance.ts';

/** Where a process of this machine listens: a port of an address, or a UNIX socket. */
export type Address =
  | { readonly kind: 'port'; readonly host: string; readonly port: number }
  | { readonly kind: 'socket'; readonly path: string };

/** What is asked whether an instance is healthy. */
export type HealthTarget = {
  readonly address: Address;
  readonly isTls: boolean;
  readonly path: string;
};

const LOOPBACK = '127.0.0.1';

/** One that stands for all interfaces answers on the loopback one. */
const REACHED: ReadonlyMap<string, string> = new Map([
  ['0.0.0.0', LOOPBACK],
  ['::', '::1'],
]);

/** Each address that an instance listens on; llama-server takes several with commas between them. */
export function addressesOf({ host, port }: Pick<Endpoint, 'host' | 'port'>): readonly Address[] {
  return host.split(',').map((text) => {
    const one = text.trim().replace(/^\[(.*)\]$/, '$1');
    if (isSocketPath(one)) return { kind: 'socket', path: one };
    return { kind: 'port', host: one === '' ? LOOPBACK : one, port };
  });
}

/** The first of its addresses as this machine reaches it. */
export function healthTarget(endpoint: Endpoint): HealthTarget {
  const [first = { kind: 'port', host: LOOPBACK, port: endpoint.port } as const] =
    addressesOf(endpoint);
  const address =
    first.kind === 'socket' ? first : { ...first, host: REACHED.get(first.host) ?? first.host };
  return { address, isTls: endpoint.isTls, path: `${endpoint.apiPrefix}/health` };
}

/** Where its users find it: `http://127.0.0.1:8080`, `http://[::1]:8080/llm`, `unix:/run/llama.sock`. */
export function urlOf({ address, isTls, path }: HealthTarget): string {
  const prefix = path.replace(/\/health$/, '');
  if (address.kind === 'socket') return `unix:${address.path}${prefix === '' ? '' : `:${prefix}`}`;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `${isTls ? 'https' : 'http'}://${host}:${address.port}${prefix}`;
}

/** `port 8080 of 127.0.0.1` */
export function addressInWords(address: Address): string {
  return address.kind === 'socket' ? address.path : `port ${address.port} of ${address.host}`;
}
