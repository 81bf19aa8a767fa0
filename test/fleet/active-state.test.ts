import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { activeStateIn } from '../../src/host/fleet/active-state.ts';
import { fleetStateDirectory } from '../../src/host/fleet/state-directory.ts';
import { recordOf } from '../support/scripted-fleet.ts';

const uid = process.geteuid?.() ?? 0;
const record = recordOf('h1', { fingerprint: 'abc123' });

let base = '';
let directory = '';
beforeEach(() => {
  base = mkdtempSync(`${tmpdir()}/vllmd-active-state-`);
  directory = fleetStateDirectory({ XDG_STATE_HOME: base });
});
afterEach(() => rmSync(base, { recursive: true }));

const path = () => `${directory}/runtime-active.json`;

test('a record is read back as it was written, from a file that only its account can read', () => {
  const state = activeStateIn(directory, uid);
  expect(state.read()).toBeUndefined();
  state.write(record);
  expect(state.read()).toEqual(record);
  expect(statSync(path()).mode & 0o777).toBe(0o600);
  expect(statSync(directory).mode & 0o777).toBe(0o700);
});

test('a record is replaced as a whole, and leaves no other file behind', () => {
  const state = activeStateIn(directory, uid);
  state.write(record);
  const before = readFileSync(path(), 'utf8');
  state.write({ ...record, healthy: false });
  expect(readFileSync(path(), 'utf8')).toBe(before.replace('"healthy": true', '"healthy": false'));
  expect(readdirSync(directory)).toEqual(['runtime-active.json']);
});

test('a removed record is absent, and can be removed again', () => {
  const state = activeStateIn(directory, uid);
  state.remove();
  state.write(record);
  state.remove();
  state.remove();
  expect(state.read()).toBeUndefined();
});

test('a directory that others can read is closed to them', () => {
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, 0o755);
  activeStateIn(directory, uid).write(record);
  expect(statSync(directory).mode & 0o777).toBe(0o700);
});

test('a directory of another account is refused', () => {
  mkdirSync(directory, { recursive: true });
  expect(() => activeStateIn(directory, uid + 1).write(record)).toThrow(
    expect.objectContaining({
      exit: 'conflict',
      message: expect.stringContaining(`it belongs to uid ${uid}`),
    }),
  );
});

test('a place where no directory can be made is refused at once', () => {
  const nowhere = fleetStateDirectory({ XDG_STATE_HOME: '/proc/vllmd-nowhere' });
  expect(() => activeStateIn(nowhere, uid).write(record)).toThrow(
    expect.objectContaining({
      exit: 'conflict',
      message: expect.stringMatching(/^\/proc\/vllmd-nowhere\/vllmd\/fleet cannot hold .*ENOENT/),
    }),
  );
});

test('a link in the place of the directory is refused', () => {
  mkdirSync(`${base}/elsewhere`);
  mkdirSync(`${base}/vllmd`);
  symlinkSync(`${base}/elsewhere`, directory);
  expect(() => activeStateIn(directory, uid).write(record)).toThrow(
    expect.objectContaining({ exit: 'conflict' }),
  );
  expect(readdirSync(`${base}/elsewhere`)).toEqual([]);
});

test('a link in the place of the record is not followed when it is read', () => {
  activeStateIn(directory, uid).write(record);
  writeFileSync(`${base}/precious`, JSON.stringify(record));
  rmSync(path());
  symlinkSync(`${base}/precious`, path());
  expect(() => activeStateIn(directory, uid).read()).toThrow(
    expect.objectContaining({ exit: 'conflict', message: expect.stringContaining('is a link') }),
  );
});

test('a record that is damaged is never taken for none', () => {
  activeStateIn(directory, uid).write(record);
  writeFileSync(path(), '{"format_version": 1');
  expect(() => activeStateIn(directory, uid).read()).toThrow(
    expect.objectContaining({ exit: 'conflict', message: expect.stringContaining(path()) }),
  );
});

test('the state lies below $XDG_STATE_HOME, else below the home directory', () => {
  expect(fleetStateDirectory({ XDG_STATE_HOME: '/s', HOME: '/h' })).toBe('/s/vllmd/fleet');
  expect(fleetStateDirectory({ XDG_STATE_HOME: 'relative', HOME: '/h' })).toBe(
    '/h/.local/state/vllmd/fleet',
  );
  expect(() => fleetStateDirectory({})).toThrow(expect.objectContaining({ exit: 'usage' }));
});
