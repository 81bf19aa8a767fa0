import {
  constants,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Host } from '../src/host/host.ts';
import { createLocalHost } from '../src/host/local-host.ts';
import { type Call, watching } from './support/watched-fs.ts';

vi.mock('node:fs', async (original) => {
  const { watchedFs } = await import('./support/watched-fs.ts');
  return watchedFs(await original());
});

const uid = process.geteuid?.() ?? 0;
const gid = process.getegid?.() ?? 0;
const metadata = { mode: 0o640, uid, gid };

let root = '';
beforeEach(() => {
  root = mkdtempSync(`${tmpdir()}/vllmd-durable-`);
  mkdirSync(`${root}/d`);
});
afterEach(() => rmSync(root, { recursive: true }));

/** What a power cut may undo, and what keeps it from that: all else is a look. */
const words: Readonly<Record<string, string>> = {
  writeFileSync: 'fill',
  writeSync: 'fill',
  fchownSync: 'chown',
  fchmodSync: 'chmod',
  fsyncSync: 'sync',
  renameSync: 'rename',
  symlinkSync: 'symlink',
  mkdirSync: 'mkdir',
  unlinkSync: 'unlink',
  rmdirSync: 'rmdir',
};

function lineOf({ name, paths, flags }: Call): string {
  const made = flags & constants.O_CREAT ? `make${flags & constants.O_EXCL ? ' new' : ''}` : '';
  const word = name === 'openSync' ? made : (words[name] ?? '');
  const names = paths.map((path) =>
    path
      .slice(root.length)
      .replace(/\/\.name\.vllmd-[0-9a-f]{12}$/, '/temporary')
      .replace(/\/\.$/, ''),
  );
  return word === '' ? '' : `${word} ${names.join(' → ')}`;
}

/** The steps of an operation, in their order. */
async function stepsOf(operation: (host: Host) => Promise<unknown>): Promise<readonly string[]> {
  const lines: string[] = [];
  const host = createLocalHost({ root, uid, setsOwner: true });
  await watching(
    (call) => lines.push(lineOf(call)),
    () => operation(host),
  );
  return lines.filter((line) => line !== '');
}

const replacing = [
  'fill /d/temporary',
  'chown /d/temporary',
  'chmod /d/temporary',
  'sync /d/temporary',
  'rename /d/temporary → /d/name',
  'sync /d',
];

test('what is written is on the disk before it has its name, and the name before it is told', async () => {
  const steps = ['make new /d/temporary', ...replacing];
  expect(await stepsOf((host) => host.write('/d/name', 'text', metadata))).toEqual(steps);
  expect(await stepsOf((host) => host.write('/d/name', 'new', metadata))).toEqual(steps);
  expect(readFileSync(`${root}/d/name`, 'utf8')).toBe('new');
});

test('so is a copy', async () => {
  writeFileSync(`${root}/source`, 'text');
  const steps = await stepsOf((host) => host.copy('/source', '/d/name'));
  expect(steps).toEqual(['make new /d/temporary', ...replacing]);
});

test('a link has its name before it is told, also in the place of another one', async () => {
  const steps = ['symlink /d/temporary', 'rename /d/temporary → /d/name', 'sync /d'];
  expect(await stepsOf((host) => host.link('/d/name', 'one'))).toEqual(steps);
  expect(await stepsOf((host) => host.link('/d/name', 'two'))).toEqual(steps);
});

test('what is removed is gone from its directory before it is told', async () => {
  writeFileSync(`${root}/d/name`, '');
  expect(await stepsOf((host) => host.remove('/d/name'))).toEqual(['unlink /d/name', 'sync /d']);
  symlinkSync('x', `${root}/d/link`);
  expect(await stepsOf((host) => host.remove('/d/link'))).toEqual(['unlink /d/link', 'sync /d']);
  mkdirSync(`${root}/d/below`);
  const steps = await stepsOf((host) => host.removeDirectory('/d/below'));
  expect(steps).toEqual(['rmdir /d/below', 'sync /d']);
});

test('a directory has its owner, its mode and its name before it is told', async () => {
  const steps = await stepsOf((host) => host.mkdir('/d/below', { ...metadata, mode: 0o750 }));
  expectInOrder(steps, ['mkdir /d/below', 'chown /d/below', 'chmod /d/below', 'sync /d/below']);
  expect(steps.at(-1)).toBe('sync /d');
});

test('another owner and mode are on the disk before they are told', async () => {
  mkdirSync(`${root}/d/below`);
  const steps = await stepsOf((host) => host.setMetadata('/d/below', metadata, { uid }));
  expectInOrder(steps, ['chown /d/below', 'chmod /d/below', 'sync /d/below']);
});

function expectInOrder(steps: readonly string[], wanted: readonly string[]): void {
  expect(steps.filter((step) => wanted.includes(step))).toEqual(wanted);
}
