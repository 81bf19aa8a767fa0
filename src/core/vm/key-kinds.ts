import { fileKeys, socketKeys } from './vm-config.gen.ts';

const sockets: ReadonlySet<string> = new Set(socketKeys);
const paths: ReadonlySet<string> = new Set([...fileKeys, ...socketKeys]);

/** Whether the key with this pattern (`vsock.socket`) names a socket. */
export function isSocketKey(pattern: string): boolean {
  return sockets.has(pattern);
}

/** Whether the key with this pattern (`disks.*.path`) names a file or a socket. */
export function isPathKey(pattern: string): boolean {
  return paths.has(pattern);
}
