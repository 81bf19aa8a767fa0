import { expect, test, vi } from 'vitest';
import { call, edit, healthy, install, installed } from '../support/call.ts';
import { contradictions, pictureOf } from '../support/consistency.ts';
import { faulty } from '../support/faulty-host.ts';
import { type Simulation, simulatedHost } from '../support/systemd.ts';

vi.mock('yargs', async (original) =>
  (await import('../support/quiet-yargs.ts')).quietYargs(original),
);

const record = '/var/lib/vllmd/install';
const journal = `${record}/journal.json`;
const manifest = `${record}/manifest.json`;

/** An update that is killed when it is about to do this. */
async function killedAt(pattern: RegExp, argv = install('/memory.toml')): Promise<Simulation> {
  const machine = await installed();
  const clean = machine.fork();
  const counting = faulty(clean.host, -1, undefined);
  await healthy(clean, argv, { host: counting });
  const at = counting.operations.findIndex((operation) => pattern.test(operation));
  expect(at).toBeGreaterThanOrEqual(0);
  const host = faulty(machine.host, at, 'dies-before');
  await call(machine, argv, { host });
  expect(machine.entries.has(journal)).toBe(true);
  return machine;
}

test('recover says when there is nothing to recover, and changes nothing', async () => {
  for (const machine of [simulatedHost(), await installed()]) {
    const before = new Map(machine.entries);
    expect(await call(machine, ['recover'])).toMatchObject({
      code: 0,
      err: 'nothing to recover\n',
    });
    expect(await call(machine, ['recover', '--discard-journal'])).toMatchObject({
      code: 0,
      err: 'there is no journal\n',
    });
    expect(new Map(machine.entries)).toEqual(before);
  }
});

test('recover lifts the mark that keeps runtimes from starting after a boot', async () => {
  const machine = await installed();
  await edit(machine, '/run/vllmd/unrecovered', '');
  expect((await call(machine, ['recover'])).code).toBe(0);
  expect(machine.entries.has('/run/vllmd/unrecovered')).toBe(false);
});

test('recover takes back an install that was killed while it wrote', async () => {
  const machine = await killedAt(/^write .*runtime-2\.env/);
  const before = pictureOf(await installed());
  const answer = await call(machine, ['recover']);
  expect(answer).toMatchObject({ code: 0, out: '' });
  expect(answer.err).toBe('an earlier install was cut off\nundone: runtime 2 as in generation 1\n');
  expect(pictureOf(machine)).toEqual(before);
  expect(contradictions(machine)).toEqual([]);
});

test('recover finishes an install that had only its record left to write', async () => {
  const machine = await killedAt(/^write .*manifest\.json/);
  const answer = await call(machine, ['recover']);
  expect(answer).toMatchObject({ code: 0 });
  expect(answer.err).toBe('an earlier install was cut off\nfinished: runtime 2 on generation 2\n');
  expect(contradictions(machine)).toEqual([]);
  expect((await call(machine, install('/memory.toml'))).out).toContain('Nothing to do');
});

test('every command that changes the host recovers first, and says so', async () => {
  for (const argv of [install('/memory.toml'), ['uninstall'], ['rollback', '0']]) {
    const machine = await killedAt(/^write .*runtime-2\.env/);
    const answer = await call(machine, argv);
    expect(answer).toMatchObject({ code: 0 });
    expect(answer.err).toContain('an earlier install was cut off\nundone: runtime 2');
    expect(contradictions(machine)).toEqual([]);
  }
});

test('an install that cannot recover plans nothing, says what is left to do and exits with 8', async () => {
  const machine = await killedAt(/^write .*runtime-2\.vm\.json/);
  const full = {
    ...machine.host,
    write: async (path: string) => {
      throw new Error(`ENOSPC: no space left on device, write ${path}`);
    },
  };
  const argvs = [['recover'], install('/memory.toml'), ['uninstall'], ['rollback', '0']];
  for (const argv of argvs) {
    const answer = await call(machine, argv, { host: full });
    expect(answer).toMatchObject({ code: 8, out: '' });
    expect(answer.err).toMatch(/cannot put back \S+\/runtime-2\.env: ENOSPC/);
    expect(answer.err).toContain('1. sudo vllmd recover');
    expect(machine.entries.has(journal)).toBe(true);
  }
  expect((await call(machine, ['recover'])).code).toBe(0);
  expect(pictureOf(machine)).toEqual(pictureOf(await installed()));
  expect(contradictions(machine)).toEqual([]);
});

test('a file that was edited since is kept as a copy when an install is taken back', async () => {
  const machine = await killedAt(/^run systemctl restart/);
  const path = '/etc/vllmd/runtime-2.env';
  await edit(machine, path, 'mine\n');
  const answer = await call(machine, ['recover']);
  const copy = `${record}/backups/2-undone${path}`;
  expect(answer).toMatchObject({ code: 0 });
  expect(answer.err).toContain(`note: ${path} was changed meanwhile; what was there is in ${copy}`);
  expect(machine.entries.get(copy)).toMatchObject({ text: 'mine\n' });
  expect(contradictions(machine)).toEqual([]);
});

test.for(['', '{', 'null', '{"schema":2}', '{"schema":1,"phase":"prepared"}'])(
  'a journal that is damaged (%s) stops everything with 8 until it is put aside',
  async (text) => {
    const machine = await installed();
    await edit(machine, journal, text);
    const before = new Map(machine.entries);
    for (const argv of [
      ['recover'],
      ['recover', '--boot'],
      install('/memory.toml'),
      ['uninstall'],
    ]) {
      const answer = await call(machine, argv);
      expect(answer).toMatchObject({ code: 8 });
      expect(answer.err).toContain(journal);
      expect(answer.err).toContain('vllmd recover --discard-journal');
    }
    expect(new Map(machine.entries)).toEqual(before);
    const discarded = await call(machine, ['recover', '--discard-journal']);
    expect(discarded).toMatchObject({ code: 0 });
    expect(discarded.err).toContain('run `sudo vllmd install` now');
    expect(machine.entries.get(`${record}/failed/discarded-journal.json`)).toMatchObject({ text });
    expect(contradictions(machine)).toEqual([]);
    expect((await call(machine, install('/memory.toml'))).code).toBe(0);
  },
);

test('after a journal was put aside the next install makes the host as the config says', async () => {
  const clean = pictureOf(await installed('/memory.toml'));
  for (const pattern of [/^write .*runtime-2\.vm\.json/, /^run systemctl restart/]) {
    const machine = await killedAt(pattern);
    await healthy(machine, ['recover', '--discard-journal']);
    await healthy(machine, install('/memory.toml'));
    expect(pictureOf(machine)).toEqual(clean);
    expect(contradictions(machine)).toEqual([]);
  }
});

test('a record that is damaged is made again from the newest generation', async () => {
  const machine = await installed('/memory.toml');
  const whole = machine.entries.get(manifest);
  await edit(machine, manifest, '{"schema":1');
  expect((await call(machine, ['status'])).code).toBe(1);
  const answer = await call(machine, ['recover']);
  expect(answer).toMatchObject({
    code: 0,
    err: 'the record was damaged: it is that of generation 2 again\n',
  });
  expect(machine.entries.get(manifest)).toEqual(whole);
  expect(machine.entries.get(`${record}/failed/damaged-manifest.json`)).toMatchObject({
    text: '{"schema":1',
  });
  expect((await call(machine, ['verify'])).code).toBe(0);
});

test('a record that is damaged, and nothing to make it from, is left as it is', async () => {
  const machine = await installed();
  await edit(machine, manifest, '[]');
  await machine.host.remove(`${record}/generations/1.json`);
  const before = new Map(machine.entries);
  const answer = await call(machine, ['recover']);
  expect(answer).toMatchObject({ code: 1 });
  expect(answer.err).toContain('no generation is kept');
  expect(answer.err).toContain('put it back from a backup');
  expect(new Map(machine.entries)).toEqual(before);
});

test('recover needs root', async () => {
  const answer = await call(await installed(), ['recover'], { world: { uid: 1000 } });
  expect(answer).toMatchObject({ code: 77 });
});

test('recover finishes groups whose runtimes run as planned, and takes back the others', async () => {
  const machine = await killedAt(/^run systemctl start -- vllmd-runtime@3/, install('/mixed.toml'));
  const answer = await call(machine, ['recover']);
  expect(answer).toMatchObject({ code: 0 });
  expect(answer.err).toContain('undone: runtimes 2 and 3 as in generation 1');
  expect(contradictions(machine)).toEqual([]);
});
