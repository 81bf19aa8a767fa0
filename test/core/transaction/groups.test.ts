import { describe, expect, test } from 'vitest';
import type { Change } from '../../../src/core/plan/change.ts';
import type { Manifest } from '../../../src/core/plan/manifest.ts';
import { absent } from '../../../src/core/plan/observed.ts';
import type { Plan, PlannedAction } from '../../../src/core/plan/plan.ts';
import { hostLayer } from '../../../src/core/resolve/layer.ts';
import type { Member } from '../../../src/core/resolve/member.ts';
import {
  onlyRuntimes,
  type Transaction,
  transactionOf,
} from '../../../src/core/transaction/groups.ts';

type Gpus = Readonly<Record<number, readonly string[]>>;
type Parts = {
  readonly before?: Gpus;
  readonly after?: Gpus;
  readonly changes?: readonly Change[];
  readonly actions?: readonly PlannedAction[];
};

function change(
  path: string,
  group: Change['group'],
  more: Partial<Pick<Change, 'verb' | 'type'>> = {},
): Change {
  const base = { verb: 'update', type: 'file', reason: '', sensitive: false } as const;
  return { ...base, path, group, before: absent, ...more };
}

function action(
  verb: PlannedAction['verb'],
  unit: string | undefined,
  group: PlannedAction['group'],
  phase: PlannedAction['phase'] = 'after',
): PlannedAction {
  return { verb, group, phase, reason: '', ...(unit === undefined ? {} : { unit }) };
}

function runtimes(gpus: Gpus): NonNullable<Manifest['runtimes']> {
  return Object.entries(gpus).map(([index, list]) => ({
    index: Number(index),
    gpus: list,
    autostart: true,
    restart: 'auto',
  }));
}

function planned({ after = {}, changes = [], actions = [] }: Parts): Plan {
  const owned = { files: [], links: [], dirs: [], devices: [], runtimes: runtimes(after) };
  const none = { conflicts: [], notices: [], pending: [], digests: [] };
  return { layer: hostLayer, changes, actions, ...none, isComplete: true, owned };
}

function grouped(parts: Parts): Transaction {
  const manifest: Manifest = {
    schema: 1,
    lineage: 'x',
    generation: 1,
    vllmd: '1',
    config: { path: '/c', sha256: '' },
    files: [],
    links: [],
    units: [],
    dirs: [],
    runtimes: runtimes(parts.before ?? {}),
  };
  return transactionOf(planned(parts), parts.before === undefined ? 'none' : manifest);
}

function sets(parts: Parts): readonly (readonly Member[])[] {
  return grouped(parts).groups.map((group) => group.runtimes);
}

const one = '0000:01:00.0';
const two = '0000:02:00.0';
const three = '0000:03:00.0';
const own = (index: number) => change(`/etc/vllmd/runtime-${index}.env`, index);
/** Three runtimes that all change for reasons of their own. */
const each = [own(1), own(2), own(3)];
const same: Gpus = { 1: [one], 2: [two], 3: [three] };

test('runtimes that have nothing to do with each other change one by one, smallest first', () => {
  expect(sets({ before: same, after: same, changes: [own(3), own(1), own(2)] })).toEqual([
    [],
    [1],
    [2],
    [3],
  ]);
});

test('groups come in the order in which their units start', () => {
  const actions = [3, 1, 2].map((index) =>
    action('start', `vllmd-runtime@${index}.service`, index),
  );
  expect(sets({ before: same, after: same, changes: each, actions })).toEqual([[], [3], [1], [2]]);
});

test('what nobody changes is in no group', () => {
  expect(sets({ before: same, after: same })).toEqual([[]]);
  expect(sets({ after: { 1: [one] }, changes: [own(1)] })).toEqual([[], [1]]);
});

describe('a shared path couples those that need its old form', () => {
  const unit = '/etc/systemd/system';
  const nobody: readonly (readonly number[])[] = [[], [1], [2], [3]];
  const all = [[], [1, 2, 3]];

  test.for([
    ['vllmd-runtime@.service', `${unit}/vllmd-runtime@.service`, all],
    ['the template that prepares', `${unit}/vllmd-runtime-pre-start@.service`, all],
    ['the template of GPUs', `${unit}/vllmd-vfio@.service`, all],
    ['the network', '/etc/vllmd/network.env', all],
    ['a script', '/etc/vllmd/libexec/network', all],
    ['the account', '/etc/vllmd/vfio.env', all],
    ['the slice', `${unit}/vllmd.slice`, nobody],
    ['the target', `${unit}/vllmd.target`, nobody],
    ['the unit that recovers', `${unit}/vllmd-recover.service`, nobody],
    ['kernel parameters', '/etc/default/grub.d/vllmd.cfg', nobody],
  ] as const)('%s', ([, path, expected]) => {
    const changes = [...each, change(path, 'shared')];
    expect(sets({ before: same, after: same, changes })).toEqual(expected);
    const gone = [...each, change(path, 'shared', { verb: 'delete' })];
    expect(sets({ before: same, after: same, changes: gone })).toEqual(expected);
  });

  test.for(['create', 'metadata'] as const)('but not one that is %sd', (verb) => {
    const changes = [...each, change('/etc/vllmd/network.env', 'shared', { verb })];
    expect(sets({ before: same, after: same, changes })).toEqual(nobody);
  });

  test('nor a directory', () => {
    const changes = [...each, change('/etc/vllmd', 'shared', { type: 'directory' })];
    expect(sets({ before: same, after: same, changes })).toEqual(nobody);
  });

  const lists = [
    '/etc/vllmd/vfio-early.env',
    '/etc/udev/rules.d/70-vllmd-vfio.rules',
    '/etc/modprobe.d/vllmd.conf',
    '/etc/modules-load.d/vllmd.conf',
    `${unit}/vllmd-vfio-early.service`,
  ];
  test.for(lists)('%s: those whose GPUs are others', (path) => {
    const changes = [...each, change(path, 'shared')];
    expect(sets({ before: same, after: same, changes })).toEqual(nobody);
    const after = { ...same, 1: [], 3: [three, '0000:04:00.0'] };
    expect(sets({ before: same, after, changes })).toEqual([[], [1, 3], [2]]);
  });

  test('the file of a GPU: those that have it, before or after', () => {
    const changes = [...each, change(`/etc/vllmd/vfio-${two}.env`, 'shared')];
    expect(sets({ before: same, after: same, changes })).toEqual(nobody);
    const { groups } = grouped({ before: same, after: same, changes });
    const holder = groups.find((group) => group.changes.some(({ path }) => path.includes(two)));
    expect(holder?.runtimes).toEqual([2]);
  });
});

test('a change that nobody needs in its old form is in group 0', () => {
  const slice = change('/etc/systemd/system/vllmd.slice', 'shared');
  const made = change('/etc/vllmd/network.env', 'shared', { verb: 'create' });
  const { groups } = grouped({ before: same, after: same, changes: [...each, slice, made] });
  expect(groups[0]?.changes).toEqual([slice, made]);
});

test('a GPU that is handed over couples both ends', () => {
  const after = { 1: [], 2: [two, one], 3: [three] };
  expect(sets({ before: same, after, changes: each })).toEqual([[], [1, 2], [3]]);
});

test('a chain of hand-overs is one group, as is a ring', () => {
  const chain = { 1: [], 2: [one], 3: [two, three] };
  expect(sets({ before: same, after: chain, changes: each })).toEqual([[], [1, 2, 3]]);
  const ring = { 1: [three], 2: [one], 3: [two] };
  expect(sets({ before: same, after: ring, changes: each })).toEqual([[], [1, 2, 3]]);
});

test('a GPU that comes from a dropped runtime, or goes to a new one, couples as well', () => {
  const after = { 1: [one], 4: [two], 3: [three] };
  const changes = [own(2), own(3), own(4)];
  expect(sets({ before: same, after, changes })).toEqual([[], [2, 4], [3]]);
});

test('groups that overlap are one', () => {
  const changes = [...each, own(4), change('/etc/vllmd/vfio-early.env', 'shared')];
  const before = { ...same, 4: [] };
  // 1 gives to 2; 3 gets another one: the list of devices joins all three.
  const after = { 1: [], 2: [two, one], 3: [three, '0000:04:00.0'], 4: [] };
  expect(sets({ before, after, changes })).toEqual([[], [1, 2, 3], [4]]);
});

test('a shared unit restarts with those that its file couples, and starts before everybody', () => {
  const network = 'vllmd-network.service';
  const changes = [...each, change('/etc/vllmd/network.env', 'shared')];
  const restart = action('restart', network, 'shared');
  const coupled = grouped({ before: same, after: same, changes, actions: [restart] });
  expect(coupled.groups.map(({ runs }) => runs)).toEqual([[], [restart]]);
  const start = action('start', network, 'shared');
  const made = grouped({ before: same, after: same, changes, actions: [start] });
  expect(made.groups.map(({ runs }) => runs)).toEqual([[start], []]);
});

test('the target comes last, the daemon-reload before everything, links are no calls', () => {
  const reload = action('daemon-reload', undefined, 'shared');
  const target = action('start', 'vllmd.target', 'shared');
  const enable = action('enable', 'vllmd-runtime@1.service', 1, 'files');
  const stop = action('stop', 'vllmd-runtime@2.service', 2, 'before');
  const first = action('start', 'vllmd-runtime@1.service', 1);
  const second = action('start', 'vllmd-runtime@2.service', 2);
  const actions = [stop, enable, reload, target, second, first];
  const result = grouped({ before: same, after: same, changes: each, actions });
  expect(result.plan.actions).toEqual([stop, enable, reload, second, first, target]);
  expect(result.last).toEqual([target]);
  expect(result.groups.map(({ stops, runs }) => [stops, runs])).toEqual([
    [[], []],
    [[stop], [second]],
    [[], [first]],
    [[], []],
  ]);
});

test('disks are deleted after everything else, and then the directories that they were in', () => {
  const directory = '/home/u/state/runtime-2';
  const disk = change(`${directory}/disk.raw`, 'shared', { type: 'data', verb: 'delete' });
  const seed = change(`${directory}/seed.img`, 'shared', { type: 'data', verb: 'delete' });
  const folder = change(directory, 'shared', { type: 'directory', verb: 'delete' });
  const other = change('/etc/vllmd', 'shared', { type: 'directory', verb: 'delete' });
  const result = grouped({
    before: same,
    after: same,
    changes: [own(2), folder, disk, seed, other],
  });
  expect(result.purge).toEqual([
    { path: disk.path, type: 'data' },
    { path: seed.path, type: 'data' },
    { path: folder.path, type: 'directory' },
  ]);
  expect(result.groups.flatMap(({ changes }) => changes)).toEqual([other, own(2)]);
});

test('a record that only root can read couples nobody by its GPUs', () => {
  const { groups } = transactionOf(planned({ after: same, changes: each }), 'unknown');
  expect(groups.map((group) => group.runtimes)).toEqual([[], [1], [2], [3]]);
});

describe('only some runtimes', () => {
  const reload = action('daemon-reload', undefined, 'shared');
  const starts = [1, 2, 3].map((index) =>
    action('restart', `vllmd-runtime@${index}.service`, index),
  );
  const enable = action('enable', 'vllmd-runtime@2.service', 2, 'files');
  const link = change('/etc/systemd/system/vllmd.target.wants/vllmd-runtime@2.service', 2, {
    type: 'link',
    verb: 'create',
  });
  const shared = change('/etc/systemd/system/vllmd.slice', 'shared');

  test('what they need is kept, what others need is not, and what all share is', () => {
    const changes = [...each, link, shared];
    const whole = grouped({
      before: same,
      after: same,
      changes,
      actions: [enable, reload, ...starts],
    });
    const first = onlyRuntimes(whole, [1]);
    expect(first.plan.changes).toEqual([own(1), shared]);
    expect(first.plan.actions).toEqual([reload, starts[0]]);
    expect(first.others).toEqual([2, 3]);
    const second = onlyRuntimes(whole, [2]);
    expect(second.plan.changes).toEqual([own(2), link, shared]);
    expect(second.plan.actions).toEqual([enable, reload, starts[1]]);
  });

  test('those that change with them come along', () => {
    const after = { 1: [], 2: [two, one], 3: [three] };
    const whole = grouped({ before: same, after, changes: each, actions: [reload, ...starts] });
    expect(onlyRuntimes(whole, [2]).others).toEqual([3]);
    expect(onlyRuntimes(whole, [3]).others).toEqual([1, 2]);
  });

  test('where nothing is left there is nothing to reload', () => {
    const whole = grouped({ before: same, after: same, changes: [own(1)], actions: [reload] });
    expect(onlyRuntimes(whole, [3]).plan).toMatchObject({ changes: [], actions: [] });
  });
});
