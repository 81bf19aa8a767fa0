/** A TCP socket that waits for connections. */
export type Listener = { readonly host: string; readonly port: number };

/** State of a socket that listens, in /proc/net/tcp. */
const LISTEN = '0A';

/** /proc/net/tcp or /proc/net/tcp6, whose addresses are hexadecimal numbers in the byte order of the processor (proc(5)). */
export function parseListeners(text: string): readonly Listener[] {
  return text.split('\n').flatMap((line) => {
    const [, , local = '', , state] = line.split(/\s+/);
    const [, address = '', port = ''] = /^([0-9A-F]+):([0-9A-F]{4})$/.exec(local) ?? [];
    if (state !== LISTEN || port === '') return [];
    return { host: hostOf(address), port: Number.parseInt(port, 16) };
  });
}

/** Of IPv6 addresses those that stand for many, or for this machine; others are told apart, and that is all. */
function hostOf(address: string): string {
  if (/^0+$/.test(address)) return address.length === 8 ? '0.0.0.0' : '::';
  if (address === '00000000000000000000000001000000') return '::1';
  if (address.length !== 8) return address.toLowerCase();
  return [6, 4, 2, 0].map((at) => Number.parseInt(address.slice(at, at + 2), 16)).join('.');
}
