import type { Endpoint } from './instance.ts';
import type { OptionTable } from './options/option-table.ts';
import { lastUse, type OptionUse } from './uses.ts';

/** Where an instance listens; undefined where no port is named, since the default depends on the build. */
export function endpointOf(uses: readonly OptionUse[], table: OptionTable): Endpoint | undefined {
  const text = (name: string) => lastUse(uses, name, table)?.value ?? '';
  const port = Number(text('--port'));
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return undefined;
  return {
    host: text('--host'),
    port,
    isTls: text('--ssl-key-file') !== '' && text('--ssl-cert-file') !== '',
    apiPrefix: text('--api-prefix').replace(/\/+$/, ''),
  };
}

/** Addresses that take a port on every interface, so that no other process can have it on one of them. */
const EVERYWHERE = new Set(['0.0.0.0', '::', '[::]']);
const LOOPBACK = 'localhost';

/** Whether two instances would want one port of one address. llama-server takes several addresses with commas. */
export function overlap(a: Endpoint, b: Endpoint): boolean {
  if (a.port !== b.port) return false;
  const [ours, theirs] = [addresses(a), addresses(b)];
  return ours.some(
    (one) =>
      theirs.includes(one) ||
      canClash(one, theirs) ||
      theirs.some((other) => canClash(other, [one])),
  );
}

/** An address for all interfaces against addresses that are no socket. */
function canClash(one: string, others: readonly string[]): boolean {
  return EVERYWHERE.has(one) && others.some((other) => !isSocketPath(other));
}

/** The port means nothing to a UNIX socket: two instances may not share its path. */
export function isSocketPath(host: string): boolean {
  return host.endsWith('.sock');
}

function addresses({ host }: Endpoint): readonly string[] {
  return host.split(',').map((address) => {
    const plain = address.trim().toLowerCase();
    return plain === '' || plain === '127.0.0.1' || plain === '::1' ? LOOPBACK : plain;
  });
}
