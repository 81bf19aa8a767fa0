import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { copyProgram } from '../support/copy-program.ts';
import { recordOf } from '../support/scripted-fleet.ts';

const isRoot = process.geteuid?.() === 0;
const nobody = 65_534;

const model = (id: string) => ({
  ...{ id, display_name: id, enabled: true, source: '/m.gguf' },
  ...{ host_policy: 'any', backend_policy: 'any' },
  launch: { start_cmd: 'chmod 500 $XDG_STATE_HOME/vllmd/fleet; exit 3', probe_cmd: 'false' },
});
const document = {
  schema_version: 1,
  hosts: [
    {
      ...{ id: 'here', display_name: 'Here', enabled: true, transport: 'local', connection: {} },
      capabilities: { gpu: [], backends: [] },
      health: { check_cmd: 'true' },
      model_control: { stop_cmd: 'true' },
    },
  ],
  backends: [],
  models: [model('one')],
};

let base = '';
let state = '';
const record = () => `${state}/runtime-active.json`;
const lock = () => `${state}/runtime.lock`;
beforeEach(() => {
  base = mkdtempSync(`${tmpdir()}/vllmd-unusable-`);
  state = `${base}/vllmd/fleet`;
  mkdirSync(state, { recursive: true, mode: 0o700 });
  chmodSync(base, 0o755);
  // Where another account can read it, wherever the repository lies.
  copyProgram(base);
  writeFileSync(`${base}/runtimes.json`, JSON.stringify(document), { mode: 0o644 });
});
afterEach(() => rmSync(base, { recursive: true }));

type How = {
  readonly uid?: number;
  /** Run before it, in mounts of its own. */
  readonly before?: string;
};

function vllmd(argv: readonly string[], { uid, before }: How = {}) {
  const apart = ['unshare', '--mount', '--propagation', 'private'];
  const mounted =
    before === undefined ? [] : [...apart, 'sh', '-c', `${before} && exec "$@"`, 'sh'];
  const words = [...mounted, process.execPath, `${base}/vllmd.mjs`, ...argv];
  const [program = '', ...args] = [...words, '--file', `${base}/runtimes.json`];
  const { status, stdout, stderr } = spawnSync(program, args, {
    ...(uid === undefined ? {} : { uid }),
    ...{ cwd: '/', encoding: 'utf8' },
    env: { PATH: process.env['PATH'], XDG_STATE_HOME: base, HOME: '/nowhere' },
  });
  return { code: status, out: stdout, err: stderr };
}

const commands = {
  status: ['select', 'status'],
  'dry run': ['select', '--model', 'one', '--dry-run'],
  select: ['select', '--model', 'one'],
} as const;
const all = ['status', 'dry run', 'select'] as const;

function expectRefused(answer: ReturnType<typeof vllmd>, says: string): void {
  expect(answer).toMatchObject({ code: 5, out: '' });
  expect(answer.err).toContain(`error: ${says}`);
  expect(answer.err).toContain('\n  help: ');
  expect(answer.err).not.toMatch(/this is a bug|^ {4}at /m);
}

test.skipIf(!isRoot).for(all)(
  'a state that may not be read is no sign that nothing runs: %s',
  (name) => {
    writeFileSync(record(), JSON.stringify(recordOf('here')));
    const answer = vllmd(commands[name], { uid: nobody });
    expect(answer).toMatchObject({ code: 5, out: '' });
    expect(answer.err).toContain('permission denied');
    expect(answer.err).toContain(state);
  },
);

test.skipIf(!isRoot)('a record that may not be read is named, with who may not', () => {
  writeFileSync(record(), JSON.stringify(recordOf('here')), { mode: 0o600 });
  for (const open of [state, `${base}/vllmd`]) chmodSync(open, 0o755);
  expectRefused(
    vllmd(commands.status, { uid: nobody }),
    `cannot read ${record()}: permission denied`,
  );
});

test.for(all)('a directory in the place of the record is refused: %s', (name) => {
  mkdirSync(record());
  expectRefused(vllmd(commands[name]), `cannot read ${record()}: it is no regular file`);
});

test.for(['status', 'select'] as const)(
  'a link in the place of the lock is refused: %s',
  (name) => {
    symlinkSync(`${base}/elsewhere`, lock());
    const answer = vllmd(commands[name]);
    expectRefused(answer, `cannot open ${lock()}: it is a link`);
    expect(readdirSync(base)).not.toContain('elsewhere');
  },
);

test.for(['status', 'select'] as const)(
  'a directory in the place of the lock is refused: %s',
  (name) => {
    mkdirSync(lock());
    expectRefused(vllmd(commands[name]), `cannot open ${lock()}: it is no regular file`);
  },
);

test.skipIf(!isRoot)('a state on a file system that is read-only is refused', () => {
  const before = `mount --bind ${state} ${state} && mount -o remount,ro,bind ${state}`;
  const answer = vllmd(commands.select, { before });
  expectRefused(answer, `cannot open ${lock()}: read-only file system`);
});

test.skipIf(!isRoot)(
  'a state on a file system that is read-only, and open to others, is refused',
  () => {
    chmodSync(state, 0o755);
    const before = `mount --bind ${state} ${state} && mount -o remount,ro,bind ${state}`;
    expectRefused(
      vllmd(commands.select, { before }),
      `${state} cannot hold the state of runtimes: `,
    );
  },
);

test.skipIf(!isRoot)('on a disk that is full, the file that could not be written is named', () => {
  const fill = `mount -t tmpfs -o size=8k,mode=700 none ${state} && : > ${lock()} && { head -c 9000 /dev/zero > ${state}/full || :; } 2>/dev/null`;
  const { code, err } = vllmd(commands.select, { before: fill });
  expect(code).toBe(4);
  expect(err).toContain(
    `Step failed: start_model on here\ncannot write ${record()}: no space left on device\n`,
  );
});

test.skipIf(!isRoot)('a record that may not be removed is not taken for one that is gone', () => {
  for (const own of [state, `${base}/vllmd`]) chownSync(own, nobody, nobody);
  const { code, err } = vllmd(commands.select, { uid: nobody });
  expect(code).toBe(8);
  expect(err).toContain(
    `the record of the runtime could not be written: cannot remove ${record()}: permission denied`,
  );
  expect(existsSync(record())).toBe(true);
});
