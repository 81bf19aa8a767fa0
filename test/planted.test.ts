import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { SavedChange, SavedEntry } from '../src/core/transaction/entries.ts';
import type { Journal } from '../src/core/transaction/journal.ts';
import type { Host } from '../src/host/host.ts';
import { createLocalHost } from '../src/host/local-host.ts';
import { makeChange, put } from '../src/host/transaction/make-change.ts';
import { undo } from '../src/host/transaction/undo.ts';
import { call, healthy, install, installed } from './support/call.ts';

vi.mock('yargs', async (original) =>
  (await import('./support/quiet-yargs.ts')).quietYargs(original),
);

const isRoot = process.geteuid?.() === 0;
const user = 4_000_000;
const users = { type: 'directory', mode: 0o755, uid: user, gid: user } as const;
const absent = { type: 'absent' } as const;
const home = '/home/u';

let root = '';
beforeEach(() => {
  root = mkdtempSync(`${tmpdir()}/vllmd-planted-`);
  mkdirSync(`${root}${home}`, { recursive: true, mode: 0o755 });
  if (isRoot) chownSync(root + home, user, user);
});
afterEach(() => rmSync(root, { recursive: true }));

const host = () => createLocalHost({ root, uid: 0, setsOwner: true });
const ownerOf = (path: string) => {
  const { uid, mode } = statSync(root + path);
  return `${uid} ${(mode & 0o7777).toString(8)}`;
};

/** A directory of root's that a user has moved in his own home. */
function plant(path: string, ...names: readonly string[]): void {
  mkdirSync(`${root}${home}/mine`, { mode: 0o700 });
  for (const name of names) writeFileSync(`${root}${home}/mine/${name}`, 'secret', { mode: 0o600 });
  renameSync(`${root}${home}/mine`, root + path);
}

const change = (path: string, before: SavedEntry, after: SavedEntry): SavedChange => ({
  group: 0,
  path,
  before,
  after,
});

function journalOf(changes: readonly SavedChange[]): Journal {
  const manifest = {
    schema: 1,
    lineage: '',
    generation: 1,
    vllmd: '',
    config: { path: '', sha256: '' },
    files: [],
    links: [],
    units: [],
    dirs: [],
  } as const;
  return {
    schema: 1,
    operation: 'install',
    phase: 'writing',
    isOffline: true,
    before: manifest,
    after: manifest,
    groups: [{ id: 0, runtimes: [], state: 'pending' }],
    changes,
    units: [],
    purge: [],
  };
}

const undoneOn = (machine: Host, ...changes: readonly SavedChange[]) =>
  undo(journalOf(changes), [0], machine, { settleMs: 0, wait: async () => {}, isBoot: true });
const undone = (...changes: readonly SavedChange[]) => undoneOn(host(), ...changes);

describe.skipIf(!isRoot)(
  'root gives away nothing that the owner of a directory has moved there',
  () => {
    const path = `${home}/.config`;

    test('a directory of root in the place of one that was to be made', async () => {
      plant(path, 'key');
      await expect(makeChange(change(path, absent, users), host())).rejects.toMatchObject({
        exit: 'conflict',
        message: `${path} was changed while the install ran`,
      });
      expect(ownerOf(path)).toBe('0 700');
    });

    test('a directory of root in the place of one whose mode was to be corrected', async () => {
      plant(path, 'key');
      const before = { ...users, mode: 0o700 };
      await expect(makeChange(change(path, before, users), host())).rejects.toMatchObject({
        exit: 'conflict',
      });
      expect(ownerOf(path)).toBe('0 700');
    });

    test('a directory of root in the place of one that is to be root’s as well, for a group', async () => {
      plant(path, 'key');
      const wanted = { type: 'directory', mode: 0o750, uid: 0, gid: user } as const;
      await expect(put(path, wanted, host())).rejects.toMatchObject({ exit: 'conflict' });
      expect(ownerOf(path)).toBe('0 700');
    });

    test('a file of root with the very text that belongs there: another one takes its place', async () => {
      writeFileSync(`${root}${home}/secret`, 'same', { mode: 0o600 });
      renameSync(`${root}${home}/secret`, `${root}${home}/runtime-1.env`);
      const { ino } = statSync(`${root}${home}/runtime-1.env`);
      const wanted = { type: 'file', text: 'same', mode: 0o640, uid: 0, gid: user } as const;
      await put(`${home}/runtime-1.env`, wanted, host());
      expect(ownerOf(`${home}/runtime-1.env`)).toBe('0 640');
      expect(statSync(`${root}${home}/runtime-1.env`).ino).not.toBe(ino);
    });

    test('a directory of root in the place of one that goes back: the way back goes on', async () => {
      plant(path, 'key');
      const after = { ...users, mode: 0o700 };
      expect(await undone(change(path, users, after))).toMatchObject({ remaining: [] });
      expect(await undone(change(path, absent, users))).toMatchObject({ remaining: [] });
      expect(ownerOf(path)).toBe('0 700');
      expect(readdirSync(root + path)).toEqual(['key']);
    });
  },
);

describe.skipIf(!isRoot)('what is not planted is made and put right as ever', () => {
  const path = `${home}/.config`;

  test('a directory that is new, and one of the user with another mode', async () => {
    await makeChange(change(path, absent, users), host());
    expect(ownerOf(path)).toBe(`${user} 755`);
    await makeChange(change(path, users, { ...users, mode: 0o700 }), host());
    expect(ownerOf(path)).toBe(`${user} 700`);
  });

  test('one that was there already as it shall be', async () => {
    mkdirSync(root + path, { mode: 0o755 });
    chownSync(root + path, user, user);
    await makeChange(change(path, absent, users), host());
    expect(ownerOf(path)).toBe(`${user} 755`);
  });

  test('one of whomever in a directory that is root’s alone', async () => {
    mkdirSync(`${root}/srv/state`, { recursive: true, mode: 0o755 });
    writeFileSync(`${root}/srv/state/file`, '');
    await put('/srv/state', users, host());
    expect(ownerOf('/srv/state')).toBe(`${user} 755`);
  });

  test('one that was cut off between its making and its giving away', async () => {
    plant(path);
    await put(path, users, host());
    expect(ownerOf(path)).toBe(`${user} 755`);
  });

  test('one that was cut off so is removed on the way back', async () => {
    plant(path);
    expect(await undone(change(path, absent, users))).toMatchObject({ remaining: [] });
    expect(readdirSync(root + home)).toEqual([]);
  });
});

describe.skipIf(!isRoot)(
  'nothing that a user puts in the way keeps a way back from its end',
  () => {
    const directory = `${home}/c/vllmd`;
    const path = `${directory}/runtime-1.env`;
    const file = (text: string) =>
      ({ type: 'file', text, mode: 0o640, uid: 0, gid: user }) as const;
    const update = change(path, file('old'), file('new'));
    const asUser = (script: string) => {
      const ids = { uid: user, gid: user };
      execFileSync('sh', ['-c', `cd "${root}${home}" && ${script}`], ids);
    };
    const setUp = () => {
      chmodSync(root, 0o755);
      asUser('mkdir -p c/vllmd');
      mkdirSync(`${root}/secret`, { mode: 0o700 });
    };

    test.for([
      ['a directory where the file was', 'mkdir -p c/vllmd/runtime-1.env/x', path],
      ['a link to a directory of root', 'mv c d; ln -s ../../secret c', `${home}/c`],
      ['a file where the directory was', 'rm -r c; touch c', `${home}/c`],
      ['a pipe where the directory was', 'rm -r c; mkfifo c', `${home}/c`],
    ] as const)('%s', async ([, script, aside]) => {
      setUp();
      asUser(script);
      const result = await undone(update);
      expect(result.remaining).toEqual([]);
      expect(readFileSync(root + path, 'utf8')).toBe('old');
      expect(ownerOf(path)).toBe('0 640');
      expect(ownerOf(directory)).toBe(`${user} 755`);
      const copy = result.saved.get(aside) ?? '';
      expect(copy).toMatch(/\.vllmd-aside-[0-9a-f]{8}$/);
      expect(lstatSync(root + copy).uid).toBe(user);
      expect(readdirSync(`${root}/secret`)).toEqual([]);
      expect(await undone(update)).toMatchObject({ remaining: [], saved: new Map() });
    });

    test('a directory that is gone with all above it is made again', async () => {
      setUp();
      asUser('rm -r c');
      expect(await undone(update)).toMatchObject({ remaining: [] });
      expect(readFileSync(root + path, 'utf8')).toBe('old');
      expect(ownerOf(`${home}/c`)).toBe(`${user} 755`);
    });

    test('a file where a directory comes back', async () => {
      setUp();
      asUser('rmdir c/vllmd; touch c/vllmd');
      const result = await undone(change(directory, users, absent));
      expect(result.remaining).toEqual([]);
      expect(ownerOf(directory)).toBe(`${user} 755`);
      expect(readdirSync(`${root}${home}/c`)).toHaveLength(2);
    });

    test.for([
      'mv c d; ln -s ../../secret c',
      'rm -r c; touch c',
      'rm -r c',
      'mkdir -p c/vllmd/runtime-1.env/x',
    ])('what was made is no longer there, or no longer vllmd’s: %s', async (script) => {
      setUp();
      writeFileSync(`${root}/secret/runtime-1.env`, 'mine');
      asUser(script);
      const made = [change(directory, absent, users), change(path, absent, file('new'))];
      expect(await undone(...made)).toMatchObject({ remaining: [] });
      expect(readdirSync(`${root}/secret`)).toEqual(['runtime-1.env']);
    });

    test('a directory that a way back has made, and not yet given away when it was cut off', async () => {
      setUp();
      asUser('rmdir c/vllmd');
      mkdirSync(root + directory, { mode: 0o700 });
      expect(await undone(update)).toMatchObject({ remaining: [] });
      expect(readFileSync(root + path, 'utf8')).toBe('old');
      expect(ownerOf(directory)).toBe(`${user} 755`);
    });

    test.for([
      ['in his home', `${home}/s`],
      ['where a link of root’s leads', '/srv/s'],
    ] as const)(
      'directories of a runtime are made again as an install makes them, %s',
      async ([, state]) => {
        setUp();
        asUser('mkdir s; touch s/runtime-1');
        mkdirSync(`${root}/srv`, { mode: 0o755 });
        symlinkSync(`..${home}/s`, `${root}/srv/s`);
        const seed = `${state}/runtime-1/cloud-init`;
        const text = change(`${seed}/meta-data`, file('old'), file('new'));
        expect(await undone(text)).toMatchObject({ remaining: [] });
        expect(ownerOf(`${state}/runtime-1`)).toBe(`${user} 750`);
        // Root's within one of his, which he may read.
        expect(ownerOf(seed)).toBe('0 750');
        expect(statSync(root + seed).gid).toBe(user);
      },
    );

    test('one of root that he has moved there is not given to him', async () => {
      setUp();
      asUser('rmdir c/vllmd');
      plant(directory, 'key');
      expect(await undone(update)).toMatchObject({ remaining: [] });
      expect(ownerOf(directory)).toBe('0 700');
      expect(readFileSync(`${root}${directory}/key`, 'utf8')).toBe('secret');
    });

    test('where nobody can tell whose a directory is, because he exchanges what is above it, none is made', async () => {
      setUp();
      asUser('rm -r c/vllmd; touch c/vllmd');
      const real = host();
      let looks = 0;
      const link = { type: 'link', target: '/secret', trusted: false } as const;
      const read = async (asked: string) => {
        if (asked === `${home}/c`) looks += 1;
        return asked === `${home}/c` && looks > 1 ? link : real.read(asked);
      };
      const { remaining } = await undoneOn({ ...real, read }, update);
      expect(remaining).toMatchObject([{ what: expect.stringContaining(directory) }]);
      // What lies there stays as well: the next way back decides what becomes of it.
      expect(readdirSync(`${root}${home}/c`)).toEqual(['vllmd']);
      expect(await undone(update)).toMatchObject({ remaining: [] });
      expect(ownerOf(directory)).toBe(`${user} 755`);
    });

    test('what root has put in the way in a directory of its own stays, and is told', async () => {
      mkdirSync(`${root}/etc/vllmd/runtime-1.env`, { recursive: true });
      const own = '/etc/vllmd/runtime-1.env';
      const result = await undone(change(own, file('old'), file('new')));
      expect(result.remaining).toMatchObject([{ what: expect.stringContaining(own) }]);
    });
  },
);

describe('a plan that would give away a directory is refused', () => {
  test.for([
    ['/home/sdake/.config', 0, 0o700, /belongs to uid 0, gid 0, mode 0700/],
    ['/home/sdake/.config', 7, 0o755, /chown sdake:sdake \/home\/sdake\/.config/],
  ] as const)('%s of uid %d', async ([path, uid, mode, says]) => {
    const machine = await installed();
    const users = { mode: 0o755, uid: 1000, gid: 1000 };
    await machine.host.setMetadata('/home/sdake', users, { uid: 0 });
    await machine.host.setMetadata(path, { mode, uid, gid: 0 }, { uid: 1000 });
    const before = new Map(machine.entries);
    const answer = await call(machine, install('/example.toml'));
    expect(answer.code).toBe(5);
    expect(answer.err).toContain(`conflict[foreign]: ${path}: it belongs to uid ${uid}`);
    expect(answer.err).toMatch(says);
    expect(new Map(machine.entries)).toEqual(before);
  });

  test('but not one that the user has closed to others himself', async () => {
    const machine = await installed();
    const users = { mode: 0o755, uid: 1000, gid: 1000 };
    await machine.host.setMetadata('/home/sdake', users, { uid: 0 });
    await machine.host.setMetadata('/home/sdake/.config', { ...users, mode: 0o700 }, { uid: 1000 });
    await healthy(machine, install('/example.toml'));
    expect(await machine.host.read('/home/sdake/.config')).toMatchObject({ mode: 0o755 });
  });
});
