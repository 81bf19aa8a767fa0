import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { SqliteError } from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { emptyCatalogue } from '../../src/core/hive/catalogue.ts';
import { register } from '../../src/core/hive/registry/nodes.ts';
import { registryOver } from '../../src/host/hive/server/registry.ts';
import { runHive, startHive } from '../support/hive.ts';
import { hostDocument } from '../support/hive-samples.ts';
import { answering, awaited, rawExchange, service, testHive } from '../support/hive-server.ts';

const question = { model: 'm', messages: [] };

test('a first signal waits for requests that are under way, and a second one does not', async () => {
  const asked = awaited<ServerResponse>();
  const up = await answering((_request, response) => asked.come(response));
  const hive = await startHive({});
  const send = (path: string, body: unknown) =>
    fetch(hive.url + path, { method: 'POST', body: JSON.stringify(body) });
  await send('/v1/nodes/register', {
    ...{ host_id: 'h1', address: '127.0.0.1', services: [service('a', up)] },
  });
  const response = send('/v1/chat/completions', question);
  await asked.value;
  hive.process.kill('SIGTERM');
  await expect
    .poll(hive.said)
    .toContain('no new requests; those under way are brought to their end');
  expect(hive.process.exitCode).toBeNull();
  hive.process.kill('SIGTERM');
  await expect(response).rejects.toThrow();
  if (hive.process.exitCode === null) await once(hive.process, 'exit');
  expect(hive.process.exitCode).toBe(143);
  expect(hive.said()).toContain('ended before all requests had');
});

const ending = { server: { host: '127.0.0.1', port: 0, drain_delay_s: 3600 } };

test('who is told to end says first that it is not ready, and serves new connections still', async () => {
  const hive = await startHive(ending);
  const get = (path: string) =>
    rawExchange(hive.url, `GET ${path} HTTP/1.1\r\nHost: hive\r\nConnection: close\r\n\r\n`);
  expect(await get('/readyz')).toMatch(/^HTTP\/1\.1 200 /);
  hive.process.kill('SIGTERM');
  await expect
    .poll(hive.said)
    .toContain('not ready any more; requests are taken for another 3600 s');
  expect(await get('/readyz')).toMatch(/^HTTP\/1\.1 503 [\s\S]*"draining"/);
  expect(await get('/v1/models')).toMatch(/^HTTP\/1\.1 200 /);
  hive.process.kill('SIGTERM');
  if (hive.process.exitCode === null) await once(hive.process, 'exit');
  expect(hive.process.exitCode).toBe(143);
});

test('when the time to notice is over, it ends as ever', async () => {
  const hive = await startHive({ server: { ...ending.server, drain_delay_s: 0.01 } });
  expect(await hive.stop()).toBe(0);
  expect(hive.said()).toMatch(/another 0\.01 s\nno new requests; .*\n$/);
});

test('what is registered is there again after a start, and needs no new registration', async () => {
  const hive = await startHive({});
  await fetch(`${hive.url}/v1/nodes/register`, {
    method: 'POST',
    body: JSON.stringify({ host_id: 'h1', address: '127.0.0.1' }),
  });
  expect(await hive.stop()).toBe(0);
  const again = await runHive(hive.folder);
  onTestFinished(async () => void (await again.stop()));
  const { data } = (await (await fetch(`${again.url}/v1/cluster/hosts`)).json()) as {
    readonly data: readonly object[];
  };
  expect(data).toMatchObject([{ host_id: 'h1', status: { state: 'online' } }]);
});

test('a second registry on the same database ends at once and says why', async () => {
  const hive = await startHive({});
  onTestFinished(async () => void (await hive.stop()));
  await expect(runHive(hive.folder)).rejects.toThrow(
    /it ended with 7: error: the database \S+hive\.sqlite is in use by another process\n/,
  );
});

test('a port that is taken is named, with what to do', async () => {
  const hive = await startHive({});
  onTestFinished(async () => void (await hive.stop()));
  const port = Number(new URL(hive.url).port);
  await expect(startHive({ server: { host: '127.0.0.1', port } })).rejects.toThrow(
    new RegExp(`ended with 4: error: cannot listen on 127.0.0.1 port ${port}: .*EADDRINUSE`),
  );
});

test('a control file that is not valid is shown with its lines, and nothing is started', async () => {
  const hive = await startHive({});
  await hive.stop();
  writeFileSync(`${hive.folder}/control.yaml`, 'server:\n  prot: 1\n');
  await expect(runHive(hive.folder)).rejects.toThrow(/ended with 3: [\s\S]*control\.yaml:2:3/);
});

test('a role that hides behind the name of an asset is told once, when it is registered', async () => {
  const hive = await testHive({ roles: [{ role_id: 'm', operation: 'chat', modality: 'text' }] });
  expect(hive.told).toEqual([]);
  await hive.register([service('a', 'http://127.0.0.1:9')]);
  await hive.register([service('a', 'http://127.0.0.1:9')]);
  expect(hive.told).toEqual([
    'warning: the role "m" has the name of an asset of a, and requests by that name go there; give the role another one',
  ]);
});

test('a full disk refuses what is new, and what is registered goes on', () => {
  const told: string[] = [];
  const store = {
    ...{ read: () => emptyCatalogue, health: () => [], removeHealth: () => false, close: () => {} },
    write: () => {
      throw new SqliteError('database or disk is full', 'SQLITE_FULL');
    },
  };
  const outside = { now: () => 0, tell: (text: string) => void told.push(text), tellBug: () => {} };
  const registry = registryOver(store, [], outside);
  const host = hostDocument({ host_id: 'h1' });
  expect(() => registry.change((catalogue, nowS) => register(catalogue, host, nowS))).toThrow(
    expect.objectContaining({ status: 503 }),
  );
  expect(registry.catalogue().hosts.size).toBe(0);
  expect(told).toEqual([
    'error: the database cannot be written, and nothing new is registered: database or disk is full',
  ]);
});

test('keys in the control file warn where clients could steer requests', async () => {
  const auth = { client_api_keys: ['c'], node_api_keys: ['n'] };
  const hive = await startHive({ auth });
  await hive.stop();
  expect(hive.said()).toContain('warning: whoever has a client key can write measurements');
  expect(readFileSync(`${hive.folder}/control.yaml`, 'utf8')).toContain('"c"');
  expect(hive.said()).not.toContain('"c"');
});
