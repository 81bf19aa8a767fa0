import { lstatSync, unlinkSync } from 'node:fs';
import type { Address } from '../../core/llama/run/addresses.ts';

/** Whether somebody could listen on an address now. */
export type Vacancy =
  | { readonly kind: 'free' }
  | { readonly kind: 'taken' }
  /** A socket that a process has left behind, which is removed now: llama-server would take it for a taken one. */
  | { readonly kind: 'removed' }
  | { readonly kind: 'impossible'; readonly why: string };

/** Looks by listening for a moment; somebody else can still be quicker afterwards. Loads its library when first used. */
export async function tryAddress(address: Address): Promise<Vacancy> {
  if (address.kind === 'socket') return trySocket(address.path);
  const { createServer } = await import('node:net');
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(vacancyOf(error)));
    server.listen({ host: address.host, port: address.port, exclusive: true }, () => {
      server.close(() => resolve({ kind: 'free' }));
    });
  });
}

const WORDS: ReadonlyMap<unknown, string> = new Map([
  ['EADDRNOTAVAIL', 'it is no address of this machine'],
  ['EACCES', 'permission denied'],
  ['ENOTFOUND', 'the name is not known'],
  ['EAI_AGAIN', 'the name is not known'],
]);

/** What is not understood is left to llama-server. */
function vacancyOf(error: Error): Vacancy {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') return { kind: 'taken' };
  const why = WORDS.get(code);
  return why === undefined ? { kind: 'free' } : { kind: 'impossible', why };
}

async function trySocket(path: string): Promise<Vacancy> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return { kind: 'free' };
  if (!found.isSocket()) return { kind: 'impossible', why: 'there is something that is no socket' };
  const { connect } = await import('node:net');
  const isAnswered = await new Promise<boolean>((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error) => resolve(!('code' in error && error.code === 'ECONNREFUSED')));
  });
  if (isAnswered) return { kind: 'taken' };
  unlinkSync(path);
  return { kind: 'removed' };
}
