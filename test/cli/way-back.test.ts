import { expect, test, vi } from 'vitest';
import { answering, call, healthy, install, installed } from '../support/call.ts';
import { contradictions, pictureOf } from '../support/consistency.ts';
import { type Simulation, simulatedHost } from '../support/systemd.ts';

vi.mock('yargs', async (original) =>
  (await import('../support/quiet-yargs.ts')).quietYargs(original),
);

const journal = '/var/lib/vllmd/install/journal.json';
const second = 'vllmd-runtime@2.service';
const isNew = (vm: string) => vm.includes(`"size": ${24 * 2 ** 30}`);

/** Runtime 2 does not start with 24 GiB, and while `isBroken` not at all. */
async function fragile(): Promise<{ machine: Simulation; breaks: (isBroken: boolean) => void }> {
  let isBroken = false;
  const machine = simulatedHost({
    failsToStart: (vm) => isNew(vm) || (isBroken && vm.includes('vllmd-2')),
  });
  await healthy(machine, install('/example.toml'));
  return {
    machine,
    breaks: (now) => {
      isBroken = now;
    },
  };
}

test('where the old VM does not start again either, the commands that are left are listed, and recover makes them', async () => {
  const { machine, breaks } = await fragile();
  const before = pictureOf(machine);
  breaks(true);
  const answer = await call(machine, install('/memory.toml'));
  expect(answer).toMatchObject({ code: 8 });
  expect(answer.err).toContain('it said why');
  expect(answer.err).toMatch(
    /1\. sudo systemctl (re)?start vllmd-runtime@2\.service\n {2}2\. sudo vllmd recover\n/,
  );
  expect(machine.entries.has(journal)).toBe(true);
  expect(pictureOf(machine).entries).toEqual(before.entries);
  expect(machine.units.get('vllmd-runtime@1.service')?.active).toBe('active');
  const still = await call(machine, ['recover']);
  expect(still).toMatchObject({ code: 8 });
  breaks(false);
  expect((await call(machine, ['recover'])).code).toBe(0);
  expect(pictureOf(machine)).toEqual(before);
  expect(contradictions(machine)).toEqual([]);
});

test('a VM that does not stop on the way back keeps its files, and its stop is what is left', async () => {
  const { machine } = await fragile();
  const stuck = answering(machine.host, (argv) =>
    argv[1] === 'stop' && argv.at(-1) === second ? {} : undefined,
  );
  const answer = await call(machine, install('/memory.toml'), { host: stuck });
  expect(answer).toMatchObject({ code: 8 });
  expect(answer.err).toContain(`${second} does not stop`);
  expect(answer.err).toContain(`1. sudo systemctl stop ${second}\n  2. sudo vllmd recover\n`);
  expect(machine.entries.has(journal)).toBe(true);
  expect((await call(machine, ['recover'])).code).toBe(0);
  expect(pictureOf(machine)).toEqual(pictureOf(await installed()));
  expect(contradictions(machine)).toEqual([]);
});

test('a record of the failure that cannot be kept does not stand in the way of the way back', async () => {
  const { machine } = await fragile();
  const host = {
    ...machine.host,
    write: async (path: string, ...rest: [string, { mode: number; uid: number; gid: number }]) => {
      if (path.includes('/failed/')) throw new Error('ENOSPC: no space left on device, write');
      return machine.host.write(path, ...rest);
    },
  };
  const answer = await call(machine, install('/memory.toml'), { host });
  expect(answer).toMatchObject({ code: 4 });
  expect(answer.err).toContain('could not be kept for a look: ENOSPC');
  expect(pictureOf(machine)).toEqual(pictureOf(await installed()));
});

test('what failed is kept for a look: its files, what it said, and for root alone', async () => {
  const { machine } = await fragile();
  await call(machine, install('/memory.toml'));
  const kept = [...machine.entries].filter(([path]) => path.includes('/install/failed/2/'));
  const texts = kept.flatMap(([, entry]) => (entry.type === 'file' ? [entry.text] : []));
  expect(texts.some(isNew)).toBe(true);
  expect(texts.some((text) => text.includes('it said why'))).toBe(true);
  for (const [path, entry] of kept) {
    expect(entry, path).toMatchObject({ mode: entry.type === 'file' ? 0o600 : 0o700, uid: 0 });
  }
});

test('a link of somebody else is adopted and comes back as it was', async () => {
  const machine = simulatedHost();
  const path = '/etc/modprobe.d/vllmd.conf';
  await machine.host.mkdir('/etc/modprobe.d', { mode: 0o755, uid: 0, gid: 0 });
  await machine.host.link(path, '/srv/mine.conf');
  const before = pictureOf(machine);
  await healthy(machine, install('/example.toml', '--adopt', path));
  expect(machine.entries.get(path)).toMatchObject({ type: 'file' });
  await healthy(machine, ['uninstall']);
  expect(pictureOf(machine)).toEqual(before);
});

test('what systemd finds wrong with a drop-in of the operator is a warning that names it', async () => {
  const machine = await installed();
  const own = '/etc/systemd/system/vllmd-runtime@2.service.d/90-own.conf';
  await machine.host.write(own, '[Service]\nX=1\n', { mode: 0o644, uid: 0, gid: 0 });
  const stage = '/run/vllmd/stage';
  const host = answering(machine.host, (argv) =>
    argv[1] === 'verify' && machine.entries.has(`${stage}${own}`)
      ? { exitCode: 1, stderr: `${stage}${own}:2: Unknown key 'X' in section [Service]\n` }
      : undefined,
  );
  const answer = await call(machine, install('/moved.toml'), { host });
  expect(answer).toMatchObject({ code: 0 });
  expect(answer.err).toMatch(/^warning: .*90-own\.conf.*Unknown key 'X'/m);
  expect(machine.entries.has(own)).toBe(true);
});

test('at boot a way back that cannot be finished leaves the mark, so that no runtime starts', async () => {
  const { machine, breaks } = await fragile();
  breaks(true);
  await call(machine, install('/memory.toml'));
  machine.reboot();
  await machine.host.mkdir('/run/vllmd', { mode: 0o755, uid: 0, gid: 0 });
  const mark = '/run/vllmd/unrecovered';
  await machine.host.write(mark, '', { mode: 0o600, uid: 0, gid: 0 });
  const broken = {
    ...machine.host,
    write: async (path: string) => {
      throw new Error(`EROFS: read-only file system, write ${path}`);
    },
  };
  const since = machine.commands.length;
  const answer = await call(machine, ['recover', '--boot'], { host: broken });
  expect(answer.code).not.toBe(0);
  expect(machine.entries.has(mark)).toBe(true);
  const starts = machine.commands.slice(since).filter((argv) => argv.includes('start'));
  expect(starts).toEqual([]);
  breaks(false);
  expect((await call(machine, ['recover', '--boot'])).code).toBe(0);
  expect(machine.entries.has(mark)).toBe(false);
  expect(pictureOf(machine)).toEqual(pictureOf(await installed()));
});
