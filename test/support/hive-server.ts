import { mkdtempSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { onTestFinished } from 'vitest';
import { loadControl, loadRoles } from '../../src/core/hive/files/load-file.ts';
import { optionsOf } from '../../src/host/hive/server/options-of.ts';
import { serveHive } from '../../src/host/hive/server/serve.ts';
import type { ServerOptions } from '../../src/host/hive/server/server-options.ts';

/** A registry in this process, which ends with the test. */
export type TestHive = {
  readonly url: string;
  readonly folder: string;
  readonly options: ServerOptions;
  /** What it would have told a log of itself. */
  readonly bugs: readonly string[];
  readonly told: readonly string[];
  readonly drain: () => Promise<void>;
  readonly post: (path: string, body: unknown, headers?: Headers) => Promise<Response>;
  readonly get: (path: string, headers?: Headers) => Promise<Response>;
  /** A host with these services, each on an address of a test. */
  readonly register: (services: readonly object[], host?: object) => Promise<void>;
};

type Headers = Readonly<Record<string, string>>;

type Given = {
  readonly control?: Readonly<Record<string, unknown>>;
  readonly roles?: readonly unknown[];
  readonly change?: (options: ServerOptions) => ServerOptions;
  readonly now?: () => number;
};

export async function testHive(given: Given = {}): Promise<TestHive> {
  const folder = mkdtempSync(`${tmpdir()}/hive-`);
  const usual = { server: { port: 0 }, routing: { allow_networks: ['127.0.0.0/8'] } };
  const control = valid(loadControl(bytes({ ...usual, ...given.control })).result);
  const roles = valid(loadRoles(bytes({ roles: given.roles ?? [] })).result);
  const sqlitePath = `${folder}/hive.sqlite`;
  const whole = { control, roles, sqlitePath, auditLogPath: `${folder}/audit.log`, version: '0' };
  const options = given.change?.(optionsOf(whole)) ?? optionsOf(whole);
  const bugs: string[] = [];
  const told: string[] = [];
  const serving = await serveHive(options, {
    now: given.now ?? Date.now,
    tell: (text) => void told.push(text),
    tellBug: (text) => void bugs.push(text),
  });
  let isOver = false;
  const drain = async () => {
    if (!isOver) await serving.drain();
    isOver = true;
  };
  onTestFinished(drain);
  const { url } = serving;
  const post = (path: string, body: unknown, headers: Headers = {}) =>
    fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  return {
    ...{ url, folder, options, bugs, told, drain, post },
    get: (path, headers = {}) => fetch(url + path, { headers }),
    register: async (services, host = {}) => {
      const whole = { host_id: 'h1', address: '127.0.0.1', services, ...host };
      const response = await post('/v1/nodes/register', whole);
      if (!response.ok) throw new Error(await response.text());
    },
  };
}

function bytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function valid<Value>(
  result:
    | { readonly ok: true; readonly value: Value }
    | { readonly ok: false; readonly diagnostics: unknown },
): Value {
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
  return result.value;
}

/** A healthy service with one loaded model. */
export function service(id: string, endpoint: string, more: object = {}): object {
  return {
    ...{ service_id: id, host_id: 'h1', kind: 'chat', endpoint, state: { health: 'healthy' } },
    assets: [{ asset_id: 'm', loaded: true }],
    ...more,
  };
}

/** An HTTP server of a test, which ends with it. */
export async function answering(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  onTestFinished(() => ended(server));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function ended(server: Server): void {
  server.closeAllConnections();
  server.close();
}

/** What comes back for bytes that no client would send. */
export async function rawExchange(url: string, text: string | Buffer): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(text);
  let answer = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    answer += chunk;
  });
  await new Promise((done) => socket.on('close', done).on('error', done));
  return answer;
}

/** Something that a test waits for, and what makes it come. */
export function awaited<Value>(): {
  readonly value: Promise<Value>;
  readonly come: (value: Value) => void;
} {
  let come: (value: Value) => void = () => undefined;
  const value = new Promise<Value>((done) => {
    come = done;
  });
  return { value, come: (given) => come(given) };
}
