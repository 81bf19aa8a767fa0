import { copyFileSync, mkdtempSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { type Catalogue, emptyCatalogue } from '../../src/core/hive/catalogue.ts';
import { register, removeHost, type Step } from '../../src/core/hive/registry/nodes.ts';
import {
  putAssets,
  putBenchmarks,
  putHealth,
  removeAsset,
  setAvailability,
} from '../../src/core/hive/registry/records.ts';
import { migrate } from '../../src/host/hive/store/migrate.ts';
import { migrations } from '../../src/host/hive/store/migrations.ts';
import { openSqlite } from '../../src/host/hive/store/sqlite.ts';
import { KEPT_HEALTH_SAMPLES } from '../../src/host/hive/store/statements.ts';
import { openStore, type Store } from '../../src/host/hive/store/store.ts';
import {
  assetDocument,
  benchmarkSample,
  healthSample,
  hostDocument,
  serviceDocument,
} from '../support/hive-samples.ts';

function freshPath(): string {
  return `${mkdtempSync(`${tmpdir()}/hive-store-`)}/hive.sqlite`;
}

const services = ['h1/chat/a', 'h1/chat/b'].map((service_id) => serviceDocument({ service_id }));
const host = { ...hostDocument({ host_id: 'h1', labels: { site: '本社' } }), services };
const asset = assetDocument({ family: 'Qwen3', metadata: { ctx_train: 4096 } });

type Change = (catalogue: Catalogue) => Step;

function carryOut(store: Store, changes: readonly Change[]): Catalogue {
  let catalogue: Catalogue = { ...store.read(), roles: new Map() };
  for (const change of changes) {
    const step = change(catalogue);
    if (!step.ok) throw new Error(step.refusal.kind);
    store.write(step.changes);
    catalogue = step.catalogue;
  }
  return catalogue;
}

const everything: readonly Change[] = [
  (catalogue) => register(catalogue, host, 100),
  (catalogue) => setAvailability(catalogue, 'h1/chat/a', 'draining'),
  (catalogue) => putAssets(catalogue, [asset]),
  (catalogue) => putBenchmarks(catalogue, [benchmarkSample({})]),
  (catalogue) => putHealth(catalogue, [healthSample({ status: 'unhealthy' })]),
  (catalogue) => register(catalogue, host, 200),
];

test('a registry that starts again knows all that it knew', async () => {
  const path = freshPath();
  const store = await openStore(path);
  const { roles: _roles, ...known } = carryOut(store, everything);
  store.close();
  const again = await openStore(path);
  expect(again.read()).toEqual(known);
  again.close();
});

test('what is taken away is gone after a start, too', async () => {
  const path = freshPath();
  const store = await openStore(path);
  carryOut(store, [
    ...everything,
    (catalogue) => removeHost(catalogue, 'h1'),
    (catalogue) => removeAsset(catalogue, 'm'),
  ]);
  store.close();
  const again = await openStore(path);
  expect(again.read()).toMatchObject({ hosts: new Map(), services: new Map(), assets: new Map() });
  // Who has measured a host knows more when it comes back.
  expect(again.read().benchmarks.size).toBe(1);
  again.close();
});

test('of several changes that belong together none is kept where one fails', async () => {
  const store = await openStore(freshPath());
  const step = register(
    emptyCatalogue,
    { ...host, services: [services[0], services[0]].flatMap((one) => one ?? []) },
    1,
  );
  if (!step.ok) throw new Error(step.refusal.kind);
  expect(() => store.write(step.changes)).toThrow(/UNIQUE/);
  expect(store.read().hosts.size).toBe(0);
  store.close();
});

test('samples of health are told latest first, and old ones of a target make room', async () => {
  const store = await openStore(freshPath());
  const many = Array.from({ length: KEPT_HEALTH_SAMPLES + 5 }, (_, at) =>
    healthSample({ sample_id: `s${at}`, observed_at: at }),
  );
  const other = healthSample({ sample_id: 'other', target_id: 'h1/chat/b', observed_at: 1 });
  carryOut(store, [(catalogue) => putHealth(catalogue, [other, ...many])]);
  const kept = store.health({ targetId: 'h1/chat/a', limit: 1000 });
  expect(kept).toHaveLength(KEPT_HEALTH_SAMPLES);
  expect(kept[0]).toEqual(many.at(-1));
  expect(store.health({ targetType: 'service', limit: 1000 })).toHaveLength(
    KEPT_HEALTH_SAMPLES + 1,
  );
  expect(store.health({ targetType: 'host', limit: 1000 })).toEqual([]);
  expect(store.removeHealth('other')).toBe(true);
  expect(store.removeHealth('other')).toBe(false);
  store.close();
});

test('a second registry is refused the database of a running one', async () => {
  const path = freshPath();
  const store = await openStore(path);
  carryOut(store, everything);
  await expect(openStore(path)).rejects.toMatchObject({
    exit: 'locked',
    message: `the database ${path} is in use by another process`,
  });
  store.close();
});

test('a database of a newer vllmd is left as it is', async () => {
  const path = freshPath();
  const database = await openSqlite(path);
  database.pragma(`user_version = ${migrations.length + 1}`);
  database.close();
  const before = readFileSync(path);
  await expect(openStore(path)).rejects.toMatchObject({
    message: `the database ${path} has version ${migrations.length + 1}; this vllmd knows ${migrations.length}`,
  });
  expect(readFileSync(path).subarray(100)).toEqual(before.subarray(100));
});

test('every migration leaves its number, and a second start changes nothing', async () => {
  const path = freshPath();
  const database = await openSqlite(path);
  migrate(database, path);
  expect(database.pragma('user_version', { simple: true })).toBe(migrations.length);
  const schema = database.prepare('SELECT name, sql FROM sqlite_master ORDER BY name').all();
  migrate(database, path);
  expect(database.prepare('SELECT name, sql FROM sqlite_master ORDER BY name').all()).toEqual(
    schema,
  );
  database.close();
});

test.each([
  [
    'no database at all',
    (path: string) => writeFileSync(path, 'these are notes of somebody\n'.repeat(500)),
  ],
  ['a database of which the end is missing', (path: string) => truncateSync(path, 8192)],
])('%s is named, with what to do', async (_what, damage) => {
  const whole = freshPath();
  const store = await openStore(whole);
  carryOut(store, everything);
  store.close();
  const path = freshPath();
  copyFileSync(whole, path);
  damage(path);
  await expect(openStore(path)).rejects.toMatchObject({
    exit: 'runtime',
    message: expect.stringContaining(`the database ${path} cannot be used: `),
    hint: expect.stringContaining('hosts register again by themselves'),
  });
});

test('a directory that is not there is named', async () => {
  await expect(openStore('/nonexistent/hive.sqlite')).rejects.toMatchObject({
    exit: 'runtime',
    message: expect.stringContaining('/nonexistent/hive.sqlite'),
  });
});
