import { connect } from 'node:net';
import { cpus, freemem, hostname, loadavg, totalmem } from 'node:os';
import { visible } from '../../../core/control-characters.ts';
import { VllmdError } from '../../../core/failure.ts';
import type { JsonMap } from '../../../core/hive/documents.ts';
import { reasonOf } from '../client/deadline.ts';

export function hostName(): string {
  return hostname();
}

/** What there is of it, where its inventory does not say so. */
export function hostResources(): JsonMap {
  return { cpu_threads: cpus().length, ram_gb: rounded(totalmem() / 2 ** 30) };
}

/** What a heartbeat says of the host besides its services. */
export function hostMetrics(): JsonMap {
  const [load1 = 0, load5 = 0, load15 = 0] = loadavg();
  return {
    load_1m: rounded(load1),
    load_5m: rounded(load5),
    load_15m: rounded(load15),
    mem_used_gb: rounded((totalmem() - freemem()) / 2 ** 30),
    mem_total_gb: rounded(totalmem() / 2 ** 30),
  };
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

const TIMEOUT_MS = 10_000;

/** The address by which this host reaches the registry, and so by which the registry may reach this host. */
export async function localAddress(url: string, ended: AbortSignal): Promise<string> {
  const { hostname: name, port, protocol } = new URL(url);
  const usualPort = protocol === 'https:' ? 443 : 80;
  const socket = connect({
    host: name.replace(/^\[|\]$/g, ''),
    port: port === '' ? usualPort : Number(port),
    signal: ended,
  });
  try {
    return await new Promise<string>((done, fail) => {
      socket.setTimeout(TIMEOUT_MS, () => fail(new Error('no connection in time')));
      socket.once('error', fail);
      socket.once('connect', () => done(socket.localAddress ?? ''));
    }).then(plainAddress);
  } catch (error) {
    const why = reasonOf(new Error('no connection', { cause: error }), TIMEOUT_MS);
    const message = `the registry at ${visible(url)} cannot be reached: ${visible(why)}`;
    const help =
      'is `vllmd hive serve` running there? --url or $VLLMD_HIVE_URL names another address';
    throw new VllmdError('runtime', message, help, { cause: error });
  } finally {
    socket.destroy();
  }
}

/** A socket for both families shows an IPv4 address as one of IPv6. */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
}
