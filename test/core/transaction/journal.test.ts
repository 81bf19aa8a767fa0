import { expect, test } from 'vitest';
import { type Journal, parseJournal, withGroup } from '../../../src/core/transaction/journal.ts';
import { call, install, installed } from '../../support/call.ts';
import { faulty } from '../../support/faulty-host.ts';

const path = '/var/lib/vllmd/install/journal.json';

/** The journal of a hand-over that was killed while it wrote. */
async function journalText(): Promise<string> {
  const machine = await installed();
  const argv = [...install('/mixed.toml')];
  const probe = faulty(machine.fork().host, -1, undefined);
  await call(machine.fork(), argv, { host: probe });
  const at = probe.operations.findIndex((name) => name.startsWith('run systemctl daemon-reload'));
  await call(machine, argv, { host: faulty(machine.host, at, 'dies-before') });
  const entry = machine.entries.get(path);
  return entry?.type === 'file' ? entry.text : '';
}

const text = await journalText();
const whole: Journal = JSON.parse(text);

type Edit = (journal: Editable) => void;
type Editable = Record<string, unknown> & {
  changes: Record<string, unknown>[];
  units: Record<string, unknown>[];
  groups: Record<string, unknown>[];
  purge: unknown[];
};

function edited(edit: Edit): Journal | string {
  const copy: Editable = JSON.parse(text);
  edit(copy);
  return parseJournal(JSON.stringify(copy));
}

test('a journal is read back as it was written', () => {
  expect(parseJournal(text)).toEqual(whole);
  expect(whole).toMatchObject({ operation: 'install', phase: 'writing' });
  const types = new Set(whole.changes.flatMap(({ before, after }) => [before.type, after.type]));
  expect([...types].sort()).toEqual(['absent', 'directory', 'file', 'link']);
});

test('a journal with backups, disks and a deadline is read back as it was written', () => {
  const more = edited((journal) => {
    Object.assign(journal, {
      before: null,
      confirmWithinMs: 600_000,
      purge: [
        { path: '/home/u/state/runtime-2/disk.raw', type: 'data' },
        { path: '/home/u/state/runtime-2', type: 'directory' },
      ],
    });
    Object.assign(journal.changes[0] ?? {}, {
      backup: '/var/lib/vllmd/install/backups/2/etc/vllmd/x',
      restores: '/var/lib/vllmd/install/backups/1/etc/vllmd/x',
    });
  });
  expect(more).toMatchObject({ before: null, confirmWithinMs: 600_000 });
});

test.for(['prepared', 'writing', 'activating', 'committed'])('the phase %s is known', (phase) => {
  expect(edited((journal) => Object.assign(journal, { phase }))).toMatchObject({ phase });
});

test.for([
  ['', 'is not whole'],
  ['{', 'is not whole'],
  [text.slice(0, -20), 'is not whole'],
  ['[]', 'is not a JSON object'],
  ['null', 'is not a JSON object'],
  ['7', 'is not a JSON object'],
  ['{}', 'has schema undefined, this vllmd knows 1'],
  ['{"schema":2}', 'has schema 2, this vllmd knows 1'],
  ['{"schema":1}', 'lacks entries that every journal has'],
] as const)('what is no journal is told: %s', ([damaged, why]) => {
  expect(parseJournal(damaged)).toBe(why);
});

const keys = Object.keys(whole).filter((key) => key !== 'schema' && key !== 'confirmWithinMs');
test.for(keys)('a journal without %s is refused', (key) => {
  expect(edited((journal) => delete journal[key])).toEqual(expect.any(String));
});

const wrong: Readonly<Record<string, readonly unknown[]>> = {
  operation: [7, null],
  phase: ['done', 7, null, ''],
  isOffline: ['no', 0, null],
  before: [[], 'x', 7],
  after: [null, [], 'x'],
  groups: [{}, [null], [{}], [{ id: '1', runtimes: [], state: 'good' }], [{ id: 1, runtimes: [] }]],
  units: [{}, [null], [{}]],
  changes: [{}, [null], [{}]],
  purge: [{}, [null], [{}], [{ path: 7, type: 'data' }]],
};
test.for(Object.entries(wrong).flatMap(([key, values]) => values.map((value) => [key, value])))(
  'a journal with %s = %j is refused',
  ([key, value]) => {
    expect(edited((journal) => Object.assign(journal, { [String(key)]: value }))).toBe(
      'lacks entries that every journal has',
    );
  },
);

test.for([
  '',
  'x.service',
  'ssh.service',
  'vllmd',
  'vllmd-x',
  'vllmd-x.socket',
  'vllmd-x.service ssh.service',
  'vllmd-x/../ssh.service',
  '-vllmd.service',
  '--root=/x.service',
  'vllmd-x.service\nssh.service',
  'vllmd@1.service',
])('a unit %j is none of vllmd and is refused', (unit) => {
  expect(edited((journal) => Object.assign(journal.units[0] ?? {}, { unit }))).toBe(
    'lacks entries that every journal has',
  );
});

test.for([
  'vllmd.slice',
  'vllmd.target',
  'vllmd-network.service',
  'vllmd-runtime@1.service',
  'vllmd-vfio@0000:01:00.0.service',
])('a unit %s is one of vllmd', (unit) => {
  expect(edited((journal) => Object.assign(journal.units[0] ?? {}, { unit }))).toMatchObject({
    phase: 'writing',
  });
});

test.for([
  ['group', 'x'],
  ['verbs', 'stop'],
  ['wasActive', 1],
  ['invocation', null],
])('a unit with %s = %j is refused', ([key, value]) => {
  expect(edited(({ units }) => Object.assign(units[0] ?? {}, { [String(key)]: value }))).toBe(
    'lacks entries that every journal has',
  );
});

const file = { type: 'file', mode: 0o644, uid: 0, gid: 0, text: '' };
test.for([
  ['path', 7],
  ['group', null],
  ['before', null],
  ['before', { type: 'other' }],
  ['before', { ...file, text: 7 }],
  ['before', { ...file, mode: '0644' }],
  ['before', { type: 'file', text: '' }],
  ['before', { ...file, mode: 0o4644 }],
  ['before', { type: 'directory', mode: 0o4755, uid: 0, gid: 0 }],
  ['before', { ...file, uid: -1 }],
  ['before', { ...file, gid: 2 ** 32 - 1 }],
  ['after', { ...file, mode: 0o666 }],
  ['after', { ...file, mode: 0o4755 }],
  ['after', { type: 'directory', mode: 0o1755, uid: 0, gid: 0 }],
  ['after', { type: 'directory', mode: 0o777, uid: 0, gid: 0 }],
  ['after', { type: 'link', target: '/home/u/evil.service' }],
  ['after', { type: 'link', target: '../ssh.service' }],
  ['after', { type: 'link', target: '../vllmd-x/../ssh.service' }],
  ['after', { type: 'directory', mode: 0o755, uid: 0 }],
  ['after', { type: 'link' }],
  ['after', { type: 'hidden' }],
  ['backup', 7],
  ['restores', null],
] as const)('a change with %s = %j is refused', ([key, value]) => {
  expect(edited(({ changes }) => Object.assign(changes[0] ?? {}, { [key]: value }))).toBe(
    'lacks entries that every journal has',
  );
});

test.for([
  '/etc/passwd',
  '/etc/systemd/system/ssh.service',
  '/etc/systemd/system/vllmd-x.service.d/own.conf',
  '/etc/vllmd/../passwd',
  '/etc//vllmd/x',
  'etc/vllmd/x',
  '/home/u/runtime-1/disk.raw',
  '/etc/ssh/sshd_config',
])('a file or link at %s is foreign and refused', (foreign) => {
  for (const after of [file, { type: 'link', target: '../vllmd-x.service' }]) {
    const result = edited(({ changes }) =>
      Object.assign(changes[0] ?? {}, { path: foreign, before: { type: 'absent' }, after }),
    );
    expect(result).toBe(`names a path that vllmd never writes: ${foreign}`);
  }
});

test('no directory of the system is given away, neither forwards nor on the way back', () => {
  const directory = { type: 'directory', mode: 0o777, uid: 4001, gid: 4001 } as const;
  const path = '/etc/udev/rules.d';
  const given = { path, before: { type: 'absent' }, after: { ...directory, mode: 0o755 } };
  expect(edited(({ changes }) => Object.assign(changes[0] ?? {}, given))).toBe(
    `names a path that vllmd never writes: ${path}`,
  );
  const back = { path, before: directory, after: { type: 'absent' } };
  const read = edited(({ changes }) => Object.assign(changes[0] ?? {}, back));
  const [change] = typeof read === 'string' ? [] : read.changes;
  expect(change?.before).toEqual({ type: 'directory', mode: 0o755, uid: 0, gid: 0 });
});

test.for([
  { path: '/home/u/runtime-1/.ssh', type: 'data' },
  { path: '/home/u/x/disk.raw', type: 'data' },
  { path: '/etc/udev/rules.d', type: 'directory' },
  { path: '/home/u/runtime-1/disk.raw', type: 'other' },
])('%j is nothing that a purge deletes', (purge) => {
  expect(edited((journal) => Object.assign(journal, { purge: [purge] }))).toBe(
    `names a path that vllmd never writes: ${purge.path}`,
  );
});

test.for(['/etc/../x', 'x', '/a//b', '/a/./b'])('a directory at %s is refused', (foreign) => {
  const after = { type: 'directory', mode: 0o755, uid: 0, gid: 0 };
  const result = edited(({ changes }) =>
    Object.assign(changes[0] ?? {}, { path: foreign, before: { type: 'absent' }, after }),
  );
  expect(result).toBe(`names a path that vllmd never writes: ${foreign}`);
});

test.for([
  '/etc/shadow',
  '/var/lib/vllmd/install/backups',
  '/var/lib/vllmd/install/backups/../manifest.json',
  '/var/lib/vllmd/install/generations/1.json',
  'backups/x',
])('a copy in %s is outside of the backups and refused', (copy) => {
  for (const key of ['backup', 'restores']) {
    const result = edited(({ changes }) => Object.assign(changes[0] ?? {}, { [key]: copy }));
    expect(result).toMatch(/^names a path that vllmd never writes/);
  }
});

test.for([
  ['/etc/passwd', 'data'],
  ['/home/u/runtime-2/../x', 'data'],
  ['/home/u/runtime-2', 'data'],
  ['/home/u/runtime-2/sub/disk.raw', 'data'],
  ['/home/u/runtime-x/disk.raw', 'data'],
  ['home/u', 'directory'],
  ['/home/../u', 'directory'],
] as const)('%s is not deleted as %s', ([victim, type]) => {
  const result = edited((journal) => Object.assign(journal, { purge: [{ path: victim, type }] }));
  expect(result).toBe(`names a path that vllmd never writes: ${victim}`);
});

test.for(['before', 'after'])('a record that is damaged (%s) is refused', (key) => {
  const result = edited((journal) =>
    Object.assign(journal, { [key]: { ...whole.after, files: [{ path: '/etc/passwd' }] } }),
  );
  expect(result).toBe('holds a record that lacks entries that every manifest has');
});

test('one group changes its state, and nothing else', () => {
  const next = withGroup(whole, 1, 'good');
  expect(next.groups.map(({ state }) => state)).toEqual(
    whole.groups.map(({ id, state }) => (id === 1 ? 'good' : state)),
  );
  expect({ ...next, groups: [] }).toEqual({ ...whole, groups: [] });
});

test.for([
  ['an operation that is unknown', (journal) => Object.assign(journal, { operation: 'x' })],
  ['a time that is none', (journal) => Object.assign(journal, { confirmWithinMs: '10m' })],
  ['a group without runtimes', ({ groups }) => delete groups[1]?.['runtimes']],
  ['a group in no state', ({ groups }) => Object.assign(groups[1] ?? {}, { state: 'x' })],
  ['a change of no group', ({ changes }) => Object.assign(changes[0] ?? {}, { group: 99 })],
  ['a unit of no group', ({ units }) => Object.assign(units[0] ?? {}, { group: 99 })],
] satisfies readonly (readonly [string, Edit])[])('%s is refused', ([, edit]) => {
  expect(edited(edit)).toMatch(
    /^(lacks entries that every journal has|has parts that belong to no group)$/,
  );
});
