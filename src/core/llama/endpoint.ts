import type { Endpoint } from './instance.ts';
import { lastUse, type Uses } from './uses.ts';

/**
 * Where an instance listens; undefined where no port is named, since the default depends on the build. Where it listens
 * on UNIX sockets alone, a port means nothing, and 0 stands for none.
 */
export function endpointOf(uses: Uses): Endpoint | undefined {
  const text = (name: string) => lastUse(uses, name)?.value ?? '';
  const host = text('--host');
  const port = isSocketsOnly(host) ? 0 : Number(text('--port'));
  const isPort = Number.isInteger(port) && port >= 1 && port <= 65_535;
  if (!isPort && !isSocketsOnly(host)) return undefined;
  return {
    host,
    port,
    isTls: text('--ssl-key-file') !== '' && text('--ssl-cert-file') !== '',
    apiPrefix: text('--api-prefix').replace(/\/+$/, ''),
  };
}

/** Whether no address of a list is one with a port. */
function isSocketsOnly(host: string): boolean {
  return host.split(',').every((one) => isSocketPath(one.trim()));
}

/** Addresses that take a port on every interface, so that no other process can have it on one of them. */
const EVERYWHERE = new Set(['0.0.0.0', '::', '[::]']);
const LOOPBACK = 'localhost';

/** Of all instances the one that has an endpoint already, or would have a part of it. */
export type Takers<Taker> = {
  /** The taker of what this one wants too; undefined where it is the first, which it is from now on. */
  readonly take: (endpoint: Endpoint, taker: Taker) => Taker | undefined;
};

/** llama-server takes several addresses with commas between them. */
export function takers<Taker>(): Takers<Taker> {
  const first = new Map<string, Taker>();
  return {
    take: (endpoint, taker) => {
      const all = addresses(endpoint).map((address) => ({ address, port: endpoint.port }));
      const wanted = all.flatMap(clashes).find((name) => first.has(name));
      for (const name of all.flatMap(claims)) if (!first.has(name)) first.set(name, taker);
      return wanted === undefined ? undefined : first.get(wanted);
    },
  };
}

type Place = { readonly address: string; readonly port: number };

/** What one address keeps from others. */
function claims({ address, port }: Place): readonly string[] {
  // The port means nothing to a socket, but that one path has one listener.
  if (isSocketPath(address)) return [address];
  const names = [`${port} ${address}`, `${port} somewhere`];
  return EVERYWHERE.has(address) ? [...names, `${port} everywhere`] : names;
}

/** The claims of others that leave nothing for this one. */
function clashes({ address, port }: Place): readonly string[] {
  if (isSocketPath(address)) return [address];
  return EVERYWHERE.has(address)
    ? [`${port} somewhere`]
    : [`${port} ${address}`, `${port} everywhere`];
}

/** The path of a UNIX socket. */
export function isSocketPath(host: string): boolean {
  return host.endsWith('.sock');
}

function addresses({ host }: Endpoint): readonly string[] {
  return host.split(',').map((address) => {
    const plain = address.trim();
    if (isSocketPath(plain)) return plain;
    const lower = plain.toLowerCase();
    return lower === '' || lower === '127.0.0.1' || lower === '::1' ? LOOPBACK : lower;
  });
}
