import { expect, test, vi } from 'vitest';
import { answering, call, edit, healthy, install, installed, whileBusy } from '../support/call.ts';
import { contradictions, pictureOf } from '../support/consistency.ts';
import { configs } from '../support/scenarios.ts';
import { type Simulation, simulatedHost } from '../support/systemd.ts';

vi.mock('yargs', async (original) =>
  (await import('../support/quiet-yargs.ts')).quietYargs(original),
);

const example = configs.get('/example.toml') ?? '';
const record = '/var/lib/vllmd/install/manifest.json';

/** The example with two more runtimes, and then with other memory for all. */
function four(memory: number): string {
  const more = [3, 4].map(
    (index) => `[[runtimes]]\nindex = ${index}\nname = "runtime-${index}"\nmemory_gb = ${memory}\n`,
  );
  return example.replace('= 16', `= ${memory}`).replace('= 32', `= ${memory}`) + more.join('');
}

const texts = new Map([
  ['/four.toml', four(8)],
  ['/all.toml', four(9)],
  // Runtime 1 hands its GPU to 2, and 3 and 4 change as well.
  [
    '/handed.toml',
    four(8)
      .replace('["0000:01:00.0"]', '[]')
      .replace('["0000:02', '["0000:01:00.0", "0000:02')
      .replaceAll('"runtime-3"', '"three"')
      .replaceAll('"runtime-4"', '"four"'),
  ],
  ['/without.toml', four(8).slice(0, four(8).lastIndexOf('[[runtimes]]'))],
]);

async function fourRuntimes(): Promise<Simulation> {
  const machine = simulatedHost();
  await healthy(machine, install('/four.toml'), { texts });
  return machine;
}

function touched(machine: Simulation, since: number): readonly string[] {
  const units = machine.commands.slice(since).map((argv) => argv.at(-1) ?? '');
  return [...new Set(units.filter((unit) => unit.startsWith('vllmd-runtime@')))];
}

test('--only changes this runtime, and names the others that change as well', async () => {
  const machine = await fourRuntimes();
  const since = machine.commands.length;
  const answer = await call(machine, install('/all.toml', '--only', '3'), { texts });
  expect(answer).toMatchObject({ code: 0 });
  expect(touched(machine, since)).toEqual(['vllmd-runtime@3.service']);
  for (const index of [1, 2, 4]) {
    expect(answer.out).toContain(`runtime ${index}: changes as well, and is left out by --only`);
  }
  expect(contradictions(machine)).toEqual([]);
});

test('the record has old entries for what --only left out, and the next install makes up for it', async () => {
  const machine = await fourRuntimes();
  const before = JSON.parse(textAt(machine, record));
  await healthy(machine, install('/all.toml', '--only', '3'), { texts });
  const after = JSON.parse(textAt(machine, record));
  const ofGroup = (manifest: typeof before, group: number) =>
    manifest.files.filter((file: { group: unknown }) => file.group === group);
  for (const index of [1, 2, 4]) expect(ofGroup(after, index)).toEqual(ofGroup(before, index));
  expect(ofGroup(after, 3)).not.toEqual(ofGroup(before, 3));
  const since = machine.commands.length;
  await healthy(machine, install('/all.toml'), { texts });
  expect(touched(machine, since)).toEqual([1, 2, 4].map((i) => `vllmd-runtime@${i}.service`));
  const whole = simulatedHost();
  await healthy(whole, install('/four.toml'), { texts });
  await healthy(whole, install('/all.toml'), { texts });
  expect(pictureOf(machine)).toEqual(pictureOf(whole));
});

test('both ends of a hand-over come along, whichever is named', async () => {
  for (const index of ['1', '2']) {
    const machine = await fourRuntimes();
    const since = machine.commands.length;
    const answer = await call(machine, install('/handed.toml', '--only', index), { texts });
    expect(answer).toMatchObject({ code: 0 });
    expect(touched(machine, since)).toEqual(['vllmd-runtime@1.service', 'vllmd-runtime@2.service']);
    expect(answer.out).toContain('runtime 3: changes as well');
    expect(contradictions(machine)).toEqual([]);
    await healthy(machine, install('/handed.toml'), { texts });
    expect((await call(machine, install('/handed.toml'), { texts })).out).toContain(
      'Nothing to do',
    );
  }
});

test('--only takes several, also of runtimes that the config no longer has', async () => {
  const machine = await fourRuntimes();
  const answer = await call(machine, install('/without.toml', '--only', '4', '--only', '1'), {
    texts,
  });
  expect(answer).toMatchObject({ code: 0 });
  expect(machine.units.get('vllmd-runtime@4.service')?.active).toBe('inactive');
  expect(contradictions(machine)).toEqual([]);
});

test('--only of what is no runtime is wrong usage and lists those there are', async () => {
  const machine = await fourRuntimes();
  const answer = await call(machine, install('/all.toml', '--only', '7'), { texts });
  expect(answer).toMatchObject({ code: 64 });
  expect(answer.err).toContain('--only 7: there is no such runtime');
  expect(answer.err).toContain('there are: 1, 2, 3, 4');
});

test('--only of a runtime that does not change changes nothing', async () => {
  const machine = await installed();
  const before = new Map(machine.entries);
  const answer = await call(machine, install('/memory.toml', '--only', '1'));
  expect(answer).toMatchObject({ code: 0 });
  expect(new Map(machine.entries)).toEqual(before);
});

test('with --detailed-exitcode what --only left out counts as pending', async () => {
  const machine = await fourRuntimes();
  const argv = install('/all.toml', '--only', '3', '--detailed-exitcode');
  expect(await call(machine, argv, { texts })).toMatchObject({ code: 9 });
  const rest = install('/all.toml', '--detailed-exitcode');
  expect(await call(machine, rest, { texts })).toMatchObject({ code: 0 });
});

test('--no-restart writes files, leaves the VM alone and says so until somebody restarts it', async () => {
  const machine = await installed();
  const running = machine.units.get('vllmd-runtime@2.service');
  const argv = install('/memory.toml', '--no-restart');
  expect((await call(machine, argv)).code).toBe(0);
  expect(machine.units.get('vllmd-runtime@2.service')).toEqual(running);
  expect((await call(machine, [...argv, '--detailed-exitcode'])).code).toBe(9);
  expect((await call(machine, ['status'])).out).toMatch(/^2 .*restart pending$/m);
  await machine.host.run(['systemctl', 'restart', '--', 'vllmd-runtime@2.service'], 1000);
  expect((await call(machine, [...argv, '--detailed-exitcode'])).code).toBe(0);
  expect((await call(machine, ['status'])).out).not.toContain('restart pending');
});

const disk = '/home/sdake/.local/state/vllmd-hypervisor/runtime-2/disk.raw';

async function withDisk(failsToStart?: (vm: string) => boolean): Promise<Simulation> {
  const machine = simulatedHost(failsToStart === undefined ? {} : { failsToStart });
  await healthy(machine, install('/example.toml'));
  await machine.host.write(disk, 'data', { mode: 0o600, uid: 1000, gid: 1000 });
  return machine;
}

test('--purge-data deletes the disk of a dropped runtime, once everything else is done', async () => {
  const machine = await withDisk();
  const order: string[] = [];
  const host = {
    ...machine.host,
    remove: async (path: string) => {
      order.push(path);
      return machine.host.remove(path);
    },
  };
  const argv = install('/fewer.toml', '--purge-data', '2');
  const answer = await call(machine, argv, { host });
  expect(answer).toMatchObject({ code: 0 });
  expect(machine.entries.has(disk)).toBe(false);
  expect(machine.entries.has('/home/sdake/.local/state/vllmd-hypervisor/runtime-2')).toBe(false);
  expect(order.slice(order.indexOf(disk))).toEqual([disk, '/var/lib/vllmd/install/journal.json']);
  expect(contradictions(machine)).toEqual([]);
});

test('without --purge-data the disk stays, and can be purged later', async () => {
  const machine = await withDisk();
  await healthy(machine, install('/fewer.toml'));
  expect(machine.entries.has(disk)).toBe(true);
  await healthy(machine, install('/fewer.toml', '--purge-data', '2'));
  expect(machine.entries.has(disk)).toBe(false);
  expect((await call(machine, install('/fewer.toml'))).out).toContain('Nothing to do');
});

test.for([
  ['1', 'runtime 1 is in the config, and so its disk stays', 'vllmd disk reset 1'],
  ['7', 'there are no data of a runtime 7', 'runtime-N'],
] as const)('--purge-data %s is wrong usage and deletes nothing', async ([index, what, help]) => {
  const machine = await withDisk();
  const answer = await call(machine, install('/fewer.toml', '--purge-data', index));
  expect(answer).toMatchObject({ code: 64 });
  expect(answer.err).toContain(what);
  expect(answer.err).toContain(help);
  expect(machine.entries.has(disk)).toBe(true);
});

test('a disk is not deleted when its runtime went back', async () => {
  const machine = await withDisk((vm) => vm.includes(`"size": ${48 * 2 ** 30}`));
  const before = pictureOf(machine);
  const argv = install('/mixed.toml', '--purge-data', '2', '--all-or-nothing');
  expect(await call(machine, argv)).toMatchObject({ code: 4 });
  expect(pictureOf(machine)).toEqual(before);
  expect(contradictions(machine)).toEqual([]);
});

test('a disk is not deleted when the one that gets its GPU does not start', async () => {
  const machine = await withDisk((vm) => vm.includes('vllmd-3'));
  const argv = install('/mixed.toml', '--purge-data', '2');
  const answer = await call(machine, argv);
  expect(answer).toMatchObject({ code: 4 });
  expect(answer.err).toContain('not for runtimes 2 and 3: as in generation 1');
  expect(machine.entries.get(disk)).toMatchObject({ text: 'data' });
  expect(machine.units.get('vllmd-runtime@2.service')?.active).toBe('active');
  expect(contradictions(machine)).toEqual([]);
});

test('one runtime that does not start goes back alone; with --all-or-nothing all go back', async () => {
  const isSecond = (vm: string) => vm.includes('vllmd-2') && vm.includes(`"size": ${9 * 2 ** 30}`);
  for (const [flags, generation] of [
    [[], 2],
    [['--all-or-nothing'], 1],
  ] as const) {
    const machine = simulatedHost({ failsToStart: isSecond });
    await healthy(machine, install('/four.toml'), { texts });
    const before = pictureOf(machine);
    const answer = await call(machine, install('/all.toml', ...flags), { texts });
    expect(answer).toMatchObject({ code: 4 });
    expect(JSON.parse(textAt(machine, record))).toMatchObject({ generation });
    expect(contradictions(machine)).toEqual([]);
    if (generation === 1) expect(pictureOf(machine)).toEqual(before);
    else expect(answer.err).toContain('but not for runtime 2: as in generation 1');
  }
});

test('what did not start is tried again by the next install', async () => {
  let isBroken = true;
  const machine = simulatedHost({ failsToStart: (vm) => isBroken && vm.includes('vllmd-2') });
  expect((await call(machine, install('/example.toml'))).code).toBe(4);
  expect(contradictions(machine)).toEqual([]);
  isBroken = false;
  await healthy(machine, install('/example.toml'));
  expect(pictureOf(machine)).toEqual(pictureOf(await installed()));
});

test('a runtime that dies while it is watched has failed', async () => {
  const machine = await installed();
  let looks = 0;
  const host = answering(machine.host, (argv) => {
    const isLook = argv[1] === 'show' && argv.at(-1) === 'vllmd-runtime@2.service';
    if (isLook) looks += 1;
    if (!isLook || looks !== 8) return undefined;
    const dead =
      'Id=vllmd-runtime@2.service\nLoadState=loaded\nActiveState=failed\nSubState=failed\nResult=exit-code\n';
    return { stdout: dead };
  });
  const argv = ['install', '--config', '/memory.toml', '--settle', '3'];
  const answer = await call(machine, argv, { host });
  expect(answer).toMatchObject({ code: 4 });
  expect(answer.err).toContain('waiting: whether vllmd-runtime@2.service stays up');
  expect(answer.err).toContain('did not stay up: failed');
  expect(contradictions(machine)).toEqual([]);
});

test('a runtime that does not stop keeps everything as it is', async () => {
  const machine = await installed();
  const before = pictureOf(machine);
  const host = answering(machine.host, (argv) =>
    argv[1] === 'stop' && argv.at(-1) === 'vllmd-runtime@2.service' ? {} : undefined,
  );
  const answer = await call(machine, install('/fewer.toml'), { host });
  expect(answer).toMatchObject({ code: 4 });
  expect(answer.err).toContain('vllmd-runtime@2.service did not stop');
  expect(pictureOf(machine)).toEqual(before);
  expect(contradictions(machine)).toEqual([]);
});

test.for(['-1', 'x'])('--settle %s is wrong usage', async (seconds) => {
  const answer = await call(await installed(), [
    'install',
    '--config',
    '/memory.toml',
    `--settle=${seconds}`,
  ]);
  expect(answer).toMatchObject({ code: 64 });
  expect(answer.err).toContain('--settle takes seconds');
});

test('--settle is the time that is waited for each runtime', async () => {
  const machine = await installed();
  let waited = () => 0;
  await call(machine, ['install', '--config', '/memory.toml', '--settle', '7'], {
    prepare: (world) => {
      waited = world.waited;
    },
  });
  expect(waited()).toBe(7000);
});

test('a lock that is waited for is told, with who has it', async () => {
  const machine = await installed();
  const argv = [...install('/memory.toml'), '--lock-timeout', '60s'];
  const answer = await call(machine, argv, whileBusy('rollback'));
  expect(answer).toMatchObject({ code: 7, out: '' });
  expect(answer.err).toContain('waiting up to 60s for `vllmd rollback` by alice (pid 812');
  expect(answer.err).toContain('wait until it has ended');
});

test('every command that changes the host takes the lock, and every look says that it may be late', async () => {
  const machine = await installed();
  const before = new Map(machine.entries);
  const locked = whileBusy();
  for (const argv of [
    install('/memory.toml'),
    ['uninstall'],
    ['rollback'],
    ['recover'],
    ['confirm'],
    ['disk', 'reset', '1', '--yes'],
  ]) {
    const machineOnce = machine.fork();
    expect(await call(machineOnce, argv, locked)).toMatchObject({ code: 7 });
    expect(new Map(machineOnce.entries)).toEqual(before);
  }
  for (const argv of [
    [...install('/memory.toml'), '--dry-run'],
    ['uninstall', '--dry-run'],
    ['rollback', '0', '--dry-run'],
    ['status'],
    ['verify'],
  ]) {
    const answer = await call(machine.fork(), argv, locked);
    expect(answer.code).toBe(0);
    expect(answer.err).toContain('`vllmd install` by alice (pid 812, 0s) is changing this host');
  }
});

test('an edit that came while an install ran is kept when it goes back', async () => {
  const machine = simulatedHost({ failsToStart: (vm) => vm.includes(`"size": ${24 * 2 ** 30}`) });
  await healthy(machine, install('/example.toml'));
  const path = '/etc/vllmd/runtime-2.env';
  let isDone = false;
  const host = answering(machine.host, (argv) => {
    if (argv[1] !== 'restart' || isDone) return undefined;
    isDone = true;
    void edit(machine, path, 'mine\n');
    return undefined;
  });
  const answer = await call(machine, install('/memory.toml'), { host });
  expect(answer).toMatchObject({ code: 4 });
  expect(answer.err).toContain(`note: ${path} was changed meanwhile`);
  const kept = `/var/lib/vllmd/install/backups/2-undone${path}`;
  expect(machine.entries.get(kept)).toMatchObject({ text: 'mine\n' });
  expect(contradictions(machine)).toEqual([]);
});

function textAt({ entries }: Simulation, path: string): string {
  const entry = entries.get(path);
  return entry?.type === 'file' ? entry.text : '';
}
