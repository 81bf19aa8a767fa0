import { expect, onTestFinished, test, vi } from 'vitest';
import type { Entry } from '../src/core/plan/observed.ts';
import { createMemoryHost } from '../src/host/memory-host.ts';
import { readNuma } from '../src/host/read-numa.ts';
import { readThroughLinks } from '../src/host/read-text.ts';
import { unreadableFor } from '../src/host/readable.ts';
import { watchCopy } from '../src/host/watch-copy.ts';
import { describedHost } from './support/world.ts';

const account = {
  name: 'vllm',
  group: 'vllm',
  uid: 500,
  gid: 500,
  home: '/home/vllm',
  known: true,
};

type Rights = readonly [mode: number, uid: number, gid: number];

function hostWith(directory: Rights, file: Rights) {
  const [mode, uid, gid] = file;
  const entries: readonly (readonly [string, Entry])[] = [
    ['/etc', { type: 'directory', mode: 0o755, uid: 0, gid: 0 }],
    [
      '/etc/group',
      { type: 'file', mode: 0o644, uid: 0, gid: 0, text: 'images:x:600:a,vllm\nkvm:x:110:\n' },
    ],
    ['/srv', { type: 'directory', mode: directory[0], uid: directory[1], gid: directory[2] }],
    ['/srv/fw', { type: 'file', mode, uid, gid, text: '' }],
  ];
  return createMemoryHost({ entries });
}

const open: Rights = [0o755, 0, 0];

test.for([
  ['everybody may', open, [0o644, 0, 0], true],
  ['only root may', open, [0o600, 0, 0], false],
  ['it is his', open, [0o400, 500, 0], true],
  ['it is his and he took his own right away', open, [0o044, 500, 0], false],
  ['his own group may', open, [0o640, 0, 500], true],
  ['another group that he is in may', open, [0o640, 0, 600], true],
  ['the group kvm may, in which the VM runs', open, [0o640, 0, 110], true],
  ['a group that he is not in may', open, [0o640, 0, 700], false],
  ['his group may not, though others may', open, [0o604, 0, 500], false],
  ['the way there is closed', [0o700, 0, 0], [0o644, 0, 0], false],
] as const)('whether an account may read a file where %s', async ([, directory, file, is]) => {
  const found = await unreadableFor(hostWith(directory, file), account, ['/srv/fw', '/srv/none']);
  expect(found).toEqual(is ? [] : ['/srv/fw']);
});

const osRelease: Entry = { type: 'file', mode: 0o644, uid: 0, gid: 0, text: 'ID=fedora\n' };
const link = (target: string, trusted = true): Entry => ({ type: 'link', target, trusted });

test.for([
  ['where it is a file', [['/etc/os-release', osRelease]], 'ID=fedora\n'],
  [
    'through the links that distributions make',
    [
      ['/etc/os-release', link('../usr/lib/os-release')],
      ['/usr/lib/os-release', link('./os.release.d/os-release-server')],
      ['/usr/lib/os.release.d/os-release-server', osRelease],
    ],
    'ID=fedora\n',
  ],
  [
    'not through a link that somebody else can turn',
    [
      ['/etc/os-release', link('/srv/fw', false)],
      ['/srv/fw', osRelease],
    ],
    '',
  ],
  ['not in a circle', [['/etc/os-release', link('os-release')]], ''],
  ['nowhere', [], ''],
] as const)('the name of the distribution is read %s', async ([, entries, text]) => {
  expect(
    await readThroughLinks(createMemoryHost({ entries: new Map(entries) }), '/etc/os-release'),
  ).toBe(text);
});

test('nothing is said of an account that does not exist', async () => {
  const host = hostWith(open, [0o600, 0, 0]);
  expect(await unreadableFor(host, { ...account, known: false }, ['/srv/fw'])).toEqual([]);
});

test('NUMA nodes are read with CPUs, memory and pages, in the order of their numbers', async () => {
  const host = describedHost({
    numa: [
      { cpus: '0-1', memoryGib: 1, hugepages: { '2M': 4, '1G': 0 } },
      { cpus: '', memoryGib: 2 },
    ],
  });
  const { nodes } = await readNuma(host);
  expect(nodes).toEqual([
    {
      id: 0,
      cpus: [0, 1],
      memoryBytes: 2 ** 30,
      hugepages: new Map([
        [2 ** 30, { total: 0, free: 0 }],
        [2 ** 21, { total: 4, free: 4 }],
      ]),
    },
    expect.objectContaining({ id: 1, cpus: [], memoryBytes: 2 ** 31 }),
  ]);
  expect(await readNuma(createMemoryHost())).toEqual({ nodes: [] });
});

test('a copy is watched until what it belongs to is over', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const host = hostWith(open, [0o644, 0, 0]);
  const seen: number[] = [];
  const copy = { index: 1, path: '/srv/fw', totalBytes: 0 };
  const watched = watchCopy(
    copy,
    host,
    (bytes) => seen.push(bytes),
    () => new Promise((resolve) => setTimeout(resolve, 1200, 7)),
  );
  await vi.advanceTimersByTimeAsync(1200);
  expect(await watched).toBe(7);
  expect(seen).toEqual([0, 0, 0]);
  await vi.advanceTimersByTimeAsync(5000);
  expect(seen).toEqual([0, 0, 0]);
  expect(vi.getTimerCount()).toBe(0);
});
