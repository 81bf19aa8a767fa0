import { expect, test } from 'vitest';
import { service, type TestHive, testHive } from '../support/hive-server.ts';

const asset = { asset_id: 'm', operation: 'chat', locator: { kind: 'hf', value: 'org/m' } };
const remove = (hive: TestHive, path: string) => fetch(hive.url + path, { method: 'DELETE' });

test('assets are put, listed by id, found and removed', async () => {
  const hive = await testHive();
  const put = await hive.post('/v1/cluster/assets', {
    assets: [asset, { ...asset, asset_id: 'a' }],
  });
  expect([put.status, await put.json()]).toEqual([200, { status: 'ok', count: 2 }]);
  const all = (await (await hive.get('/v1/cluster/assets')).json()) as {
    data: { asset_id: string }[];
  };
  expect(all.data.map(({ asset_id }) => asset_id)).toEqual(['a', 'm']);
  const one = await (await hive.get('/v1/cluster/assets?asset_id=m')).json();
  expect(one).toMatchObject({ data: [{ ...asset, family: null, modality: 'text' }] });
  expect((await remove(hive, '/v1/cluster/assets?asset_id=m')).status).toBe(200);
  expect((await remove(hive, '/v1/cluster/assets?asset_id=m')).status).toBe(404);
});

test('a list of assets of which one is wrong is refused as a whole, with its place', async () => {
  const hive = await testHive();
  const response = await hive.post('/v1/cluster/assets', { assets: [asset, { asset_id: 'b' }] });
  expect(response.status).toBe(422);
  const { detail } = (await response.json()) as { detail: { loc: unknown }[] };
  expect(detail.map(({ loc }) => loc)).toContainEqual(['body', 'assets', 1, 'operation']);
  expect(await (await hive.get('/v1/cluster/assets')).json()).toMatchObject({ data: [] });
});

test('a context that only an asset knows of counts for a role that needs one', async () => {
  const role = { role_id: 'r', operation: 'chat', modality: 'text' };
  const roles = [{ ...role, routing_policy: { min_context: 8192 } }];
  const hive = await testHive({ roles });
  await hive.register([service('a', 'http://127.0.0.1:9')]);
  const chosen = async () => {
    const response = await hive.get('/v1/cluster/routes/resolve?model=r');
    return ((await response.json()) as { resolution: { service: unknown } }).resolution.service;
  };
  expect(await chosen()).not.toBeNull();
  await hive.post('/v1/cluster/assets', { assets: [{ ...asset, metadata: { ctx_train: 4096 } }] });
  expect(await chosen()).toBeNull();
});

test('samples of health are listed and removed', async () => {
  const hive = await testHive();
  const sample = {
    sample_id: 's1',
    target_id: 'a',
    observed_at: '2026-04-05T15:30:00Z',
    status: 'healthy',
  };
  expect((await hive.post('/v1/cluster/health/samples', { samples: [sample] })).status).toBe(200);
  const listed = await (await hive.get('/v1/cluster/health/samples')).json();
  expect(listed).toMatchObject({ data: [{ sample_id: 's1', observed_at: 1_775_403_000 }] });
  const path = '/v1/cluster/health/samples?sample_id=s1';
  expect((await remove(hive, path)).status).toBe(200);
  expect((await remove(hive, path)).status).toBe(404);
});

test('a host that leaves takes its services with it', async () => {
  const hive = await testHive();
  await hive.register([service('a', 'http://127.0.0.1:9')]);
  expect((await hive.post('/v1/nodes/deregister', { host_id: 'h1' })).status).toBe(200);
  expect(await (await hive.get('/v1/cluster/services')).json()).toMatchObject({ data: [] });
  expect((await hive.post('/v1/nodes/deregister', { host_id: 'h1' })).status).toBe(404);
});
