import { visible } from '../../../core/control-characters.ts';
import { VllmdError } from '../../../core/failure.ts';
import { SERVICE_HEADER } from '../../../core/hive/answers/service-header.ts';
import { asError } from '../../as-error.ts';
import { reasonOf, withDeadline } from './deadline.ts';

/** How a registry is reached. */
export type HiveAddress = {
  /** Of http or https, without a key in it. */
  readonly url: string;
  /** Of a client; undefined where none is needed. */
  readonly clientKey?: string | undefined;
  /** Of a host; undefined where none is needed. */
  readonly nodeKey?: string | undefined;
  readonly timeoutMs?: number;
  /** Nobody waits for an answer any more. */
  readonly ended?: AbortSignal | undefined;
};

export type HiveAnswer = {
  readonly status: number;
  readonly body: unknown;
  /** Which service has answered, as its header names it. */
  readonly service?: string;
};

/** Asks a registry. What it refuses comes back as an answer; throws where there is none, or none that it could have given. */
export type HiveClient = {
  readonly get: (path: string) => Promise<HiveAnswer>;
  readonly post: (path: string, body: unknown) => Promise<HiveAnswer>;
};

const TIMEOUT_MS = 30_000;

export function hiveClient(address: HiveAddress): HiveClient {
  const base = address.url.replace(/\/+$/, '');
  const keys = keyHeaders(address);
  const ask = async (path: string, init: RequestInit): Promise<HiveAnswer> => {
    const { text, ...answer } = await reach(base, path, init, address);
    return { ...answer, body: jsonOf(text, answer.status, base) };
  };
  return {
    get: (path) => ask(path, { headers: keys }),
    post: (path, body) =>
      ask(path, {
        method: 'POST',
        headers: { ...keys, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
  };
}

function keyHeaders({ clientKey, nodeKey }: HiveAddress): Readonly<Record<string, string>> {
  return {
    ...(clientKey === undefined ? {} : { 'x-api-key': clientKey }),
    ...(nodeKey === undefined ? {} : { 'x-geniehive-node-key': nodeKey }),
  };
}

type Reached = Omit<HiveAnswer, 'body'> & { readonly text: string };

async function reach(
  base: string,
  path: string,
  init: RequestInit,
  { timeoutMs = TIMEOUT_MS, ended }: HiveAddress,
): Promise<Reached> {
  try {
    return await withDeadline(timeoutMs, ended, async (signal) => {
      // A key is for this address, and no other that it could send us to.
      const response = await fetch(base + path, { ...init, redirect: 'error', signal });
      const service = response.headers.get(SERVICE_HEADER);
      const named = service === null ? {} : { service };
      return { status: response.status, text: await response.text(), ...named };
    });
  } catch (error) {
    const why = reasonOf(asError(error), timeoutMs);
    throw new VllmdError(
      'runtime',
      `the registry at ${visible(base)} cannot be reached: ${visible(why)}`,
      'is `vllmd hive serve` running there? --url or $VLLMD_HIVE_URL names another address',
      { cause: error },
    );
  }
}

function jsonOf(text: string, status: number, base: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const message = `what answers at ${visible(base)} is no registry: status ${status}, and no JSON`;
    const help = '--url or $VLLMD_HIVE_URL names another address';
    throw new VllmdError('runtime', message, help, { cause: error });
  }
}
