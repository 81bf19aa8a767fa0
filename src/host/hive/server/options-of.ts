import { isIP } from 'node:net';
import { VllmdError } from '../../../core/failure.ts';
import type { ApiKey, Control, NodeKey } from '../../../core/hive/control-file/control.ts';
import type { RoleDocument } from '../../../core/hive/documents.ts';
import type { Key, ServerOptions } from './server-options.ts';

type Given = {
  readonly control: Control;
  readonly roles: readonly RoleDocument[];
  /** Absolute, of the paths in the control file. */
  readonly sqlitePath: string;
  readonly auditLogPath: string | undefined;
  readonly version: string;
};

const IN_FLIGHT = 1024;
const REQUEST_TIMEOUT_MS = 60_000;

/** What a registry is started with. Throws where it would be open to a network without anybody having said so. */
export function optionsOf({ control, roles, ...given }: Given): ServerOptions {
  const { server, auth, routing, limits } = control;
  const { retries, allowNetworks, allowAnyEndpoint, ...rest } = routing;
  mustBeClosed(control);
  return {
    ...given,
    listen: { host: server.host, port: server.port },
    keys: {
      clients: auth.clientKeys.map(keyOf),
      nodes: auth.nodeKeys.map(nodeKeyOf),
      benchmarks: auth.benchmarkKeys.map(keyOf),
    },
    roles,
    routing: rest,
    retries,
    endpoints: { allowedNetworks: allowNetworks, allowAny: allowAnyEndpoint },
    limits: {
      bodyBytes: limits.bodyBytes,
      audioBytes: limits.audioBytes,
      inFlight: IN_FLIGHT,
      connectTimeoutMs: limits.connectTimeoutS * 1000,
      readTimeoutMs: limits.readTimeoutS * 1000,
      requestTimeoutMs: REQUEST_TIMEOUT_MS,
      drainDelayMs: server.drainDelayS * 1000,
      drainTimeoutMs: limits.drainTimeoutS * 1000,
    },
  };
}

const ID_DIGITS = 8;

function keyOf({ sha256 }: ApiKey): Key {
  return { digest: Buffer.from(sha256, 'hex'), id: `sha256:${sha256.slice(0, ID_DIGITS)}` };
}

function nodeKeyOf(key: NodeKey): Key {
  const { digest, id } = keyOf(key);
  return { digest, id: key.keyId ?? id, hostIds: key.hostIds };
}

function mustBeClosed({ server, auth }: Control): void {
  if (auth.allowOpen || isLoopback(server.host)) return;
  const open = [
    ...(auth.clientKeys.length === 0 ? ['client_api_keys'] : []),
    ...(auth.nodeKeys.length === 0 ? ['node_api_keys'] : []),
  ];
  if (open.length === 0) return;
  const message = `the registry would listen on ${server.host}, and ${open.join(' and ')} of auth ${open.length === 1 ? 'is' : 'are'} empty: whoever reaches it could use it`;
  const hint =
    'add keys, listen on 127.0.0.1, or set `allow_open: true` in `auth` where that is meant';
  throw new VllmdError('config', message, hint);
}

function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}
