import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLocalHost } from '../src/host/local-host.ts';
import { mustBeRootOnly, readRecord } from '../src/host/record.ts';
import { makeParents } from '../src/host/transaction/store.ts';

const uid = process.geteuid?.() ?? 0;
const isRoot = uid === 0;
const somebodyElse = 4_000_000;
const record = '/var/lib/vllmd/install';
const journal = `${record}/journal.json`;

let root = '';
beforeEach(() => {
  root = mkdtempSync(`${tmpdir()}/vllmd-record-`);
  mkdirSync(root + record, { recursive: true, mode: 0o755 });
  writeFileSync(root + journal, '{}', { mode: 0o600 });
});
afterEach(() => rmSync(root, { recursive: true }));

const host = () => createLocalHost({ root, uid, setsOwner: isRoot });

test('a record in directories of root is read, and one that is not there is not there', async () => {
  expect(await readRecord(host(), journal)).toMatchObject({ type: 'file', text: '{}' });
  expect(await readRecord(host(), `${record}/none/x.json`)).toEqual({ type: 'absent' });
});

test.for([
  ['/var/lib/vllmd', 0o777, 'everybody'],
  ['/var/lib/vllmd', 0o1777, 'everybody'],
  ['/var/lib', 0o775, 'its group'],
  [record, 0o770, 'its group'],
  [journal, 0o620, 'its group'],
] as const)('no record is read where others can write %s', async ([path, mode, who]) => {
  chmodSync(root + path, mode);
  await expect(readRecord(host(), journal)).rejects.toMatchObject({
    exit: 'conflict',
    message: expect.stringContaining(`${path} can be written by ${who}`),
    hint: expect.stringContaining(`sudo chmod go-w ${path}`),
  });
});

test.skipIf(!isRoot).for(['', '/var', '/var/lib/vllmd', record, journal])(
  'no record is read where %s belongs to somebody else',
  async (path) => {
    chownSync(root + path, somebodyElse, somebodyElse);
    await expect(readRecord(host(), journal)).rejects.toMatchObject({
      exit: 'conflict',
      message: expect.stringContaining(`${path || '/'} belongs to uid ${somebodyElse}`),
      hint: expect.stringContaining(`sudo chown root:root ${path || '/'}`),
    });
  },
);

test('no record is read that has a second name', async () => {
  linkSync(root + journal, `${root}/second`);
  await expect(readRecord(host(), journal)).rejects.toMatchObject({
    exit: 'conflict',
    message: expect.stringContaining('has several names'),
  });
});

test('a record that root has moved behind a link is read, and not where others can write there', async () => {
  mkdirSync(`${root}/data`, { mode: 0o755 });
  renameSync(`${root}/var/lib/vllmd`, `${root}/data/vllmd`);
  symlinkSync('../../data/vllmd', `${root}/var/lib/vllmd`);
  expect(await readRecord(host(), journal)).toMatchObject({ text: '{}' });
  chmodSync(`${root}/data`, 0o777);
  await expect(readRecord(host(), journal)).rejects.toMatchObject({
    message: expect.stringContaining('/data can be written by everybody'),
  });
});

test.skipIf(!isRoot)('nothing is written into a record that others can exchange', async () => {
  rmSync(root + record, { recursive: true });
  chownSync(`${root}/var/lib/vllmd`, somebodyElse, somebodyElse);
  await expect(mustBeRootOnly(host(), record)).rejects.toMatchObject({ exit: 'conflict' });
  await expect(makeParents(host(), journal)).rejects.toMatchObject({ exit: 'conflict' });
});

test('a record that others could look into is closed before anything is put there', async () => {
  await makeParents(host(), `${record}/backups/1/etc/x`);
  for (const path of [record, `${record}/backups`, `${record}/backups/1/etc`]) {
    expect(statSync(root + path)).toMatchObject({ uid });
    expect(statSync(root + path).mode & 0o777).toBe(0o700);
  }
});
