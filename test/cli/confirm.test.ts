import { expect, test, vi } from 'vitest';
import { answering, call, edit, healthy, install, installed } from '../support/call.ts';
import { contradictions, pictureOf } from '../support/consistency.ts';
import { type Simulation, simulatedHost } from '../support/systemd.ts';

vi.mock('yargs', async (original) =>
  (await import('../support/quiet-yargs.ts')).quietYargs(original),
);

const pending = '/var/lib/vllmd/install/confirm.json';
const dropIn = '/etc/systemd/system/vllmd-runtime@1.service.d/10-vllmd.conf';
const update = install('/memory.toml', '--confirm-within', '10m');

async function unconfirmed(argv = update): Promise<Simulation> {
  const machine = await installed();
  await healthy(machine, argv);
  expect(machine.entries.has(pending)).toBe(true);
  return machine;
}

/** What the timer calls. */
function expire(machine: Simulation) {
  const argv = machine.commands.find(([program]) => program === 'systemd-run') ?? [];
  const generation = argv[argv.indexOf('--unconfirmed') + 1] ?? '';
  return call(machine, ['rollback', '--unconfirmed', generation, '--settle', '0']);
}

test('an install with --confirm-within has systemd roll back after that time', async () => {
  const machine = await unconfirmed();
  const calls = machine.commands.filter(([program]) => program === 'systemd-run');
  expect(calls).toEqual([
    [
      'systemd-run',
      '--unit=vllmd-confirm',
      '--on-active=600',
      '--timer-property=AccuracySec=1s',
      '--collect',
      expect.stringContaining('--description='),
      '--',
      '/usr/bin/node',
      '/usr/local/bin/vllmd',
      'rollback',
      '--unconfirmed',
      '2',
      '--lock-timeout',
      '30m',
    ],
  ]);
  expect(machine.entries.get(pending)).toMatchObject({
    mode: 0o600,
    text: `{"schema":1,"generation":2,"rollbackTo":1,"deadline":${Date.UTC(2026, 0, 1, 0, 10)}}\n`,
  });
});

test('confirm keeps what was installed, and stops the timer', async () => {
  const machine = await unconfirmed();
  const before = pictureOf(machine);
  expect(await call(machine, ['confirm'])).toMatchObject({ code: 0, err: 'confirmed: it stays\n' });
  expect(machine.entries.has(pending)).toBe(false);
  expect(machine.commands.at(-1)).toEqual(['systemctl', 'stop', 'vllmd-confirm.timer']);
  expect(pictureOf(machine)).toEqual(before);
  const late = await expire(machine);
  expect(late).toMatchObject({ code: 0, out: '' });
  expect(late.err).toContain('it has been confirmed meanwhile');
  expect(pictureOf(machine)).toEqual(before);
});

test('where nothing waits, confirm says so and exits with 64', async () => {
  for (const machine of [simulatedHost(), await installed()]) {
    const before = new Map(machine.entries);
    const answer = await call(machine, ['confirm']);
    expect(answer).toMatchObject({ code: 64 });
    expect(answer.err).toContain('nothing waits for a confirmation');
    expect(answer.err).toContain('vllmd history');
    expect(new Map(machine.entries)).toEqual(before);
  }
});

test('an install that waits for nobody warns of that, also where it is to be quiet', async () => {
  const machine = await installed();
  const { code, err } = await call(
    machine,
    install('/example.toml', '--confirm-within', '10m', '-q'),
  );
  expect({ code, err }).toEqual({
    code: 0,
    err: 'warning: --confirm-within: nothing waits for a confirmation: no definition has changed\n',
  });
});

test('confirm needs root', async () => {
  const answer = await call(await unconfirmed(), ['confirm'], { world: { uid: 1000 } });
  expect(answer).toMatchObject({ code: 77 });
});

test('what nobody confirms goes back to the generation before, and the timer with it', async () => {
  const machine = await unconfirmed();
  const answer = await expire(machine);
  expect(answer).toMatchObject({ code: 0 });
  expect(answer.err).toContain('rolling back to generation 1');
  expect(pictureOf(machine)).toEqual(pictureOf(await installed()));
  expect(contradictions(machine)).toEqual([]);
  expect(machine.entries.has(pending)).toBe(false);
});

test('a first install that nobody confirms leaves nothing', async () => {
  const machine = simulatedHost();
  const before = pictureOf(machine);
  await healthy(machine, install('/example.toml', '--confirm-within', '90s'));
  expect((await expire(machine)).code).toBe(0);
  expect(pictureOf(machine)).toEqual(before);
  expect(machine.entries.has(pending)).toBe(false);
});

test('nobody is there to ask: what was edited meanwhile gives way, and its bytes are kept', async () => {
  const machine = await unconfirmed();
  await edit(machine, dropIn, 'mine\n');
  const env = '/etc/vllmd/runtime-2.env';
  await edit(machine, env, 'mine as well\n');
  expect((await expire(machine)).code).toBe(0);
  expect(pictureOf(machine).entries).toEqual(pictureOf(await installed()).entries);
  const backups = [...machine.entries].flatMap(([path, entry]) =>
    path.startsWith('/var/lib/vllmd/install/backups/') && entry.type === 'file'
      ? [[path, entry.text]]
      : [],
  );
  expect(backups).toEqual([
    [`/var/lib/vllmd/install/backups/3${env}`, 'mine as well\n'],
    [`/var/lib/vllmd/install/backups/3${dropIn}`, 'mine\n'],
  ]);
});

test('a rollback by hand takes an unconfirmed install back, and nothing waits any more', async () => {
  const machine = await unconfirmed();
  const answer = await call(machine, ['rollback', '--settle', '0']);
  expect(answer).toMatchObject({ code: 0 });
  expect(machine.entries.has(pending)).toBe(false);
  expect(pictureOf(machine)).toEqual(pictureOf(await installed()));
});

test('while an install waits, another one is refused, and a dry run is not', async () => {
  const machine = await unconfirmed();
  const before = new Map(machine.entries);
  const refused = await call(machine, install('/fewer.toml'));
  expect(refused).toMatchObject({ code: 5, out: '' });
  expect(refused.err).toContain('generation 2 still waits for its confirmation');
  expect(refused.err).toContain('sudo vllmd confirm');
  expect(refused.err).toContain('sudo vllmd rollback');
  expect((await call(machine, [...install('/fewer.toml'), '--dry-run'])).code).toBe(0);
  expect(new Map(machine.entries)).toEqual(before);
});

test('a host that cannot run the timer keeps the install until somebody decides, and says what helps', async () => {
  const machine = await installed();
  const host = answering(machine.host, ([program]) =>
    program === 'systemd-run' ? { exitCode: 1, stderr: 'Failed to connect to bus' } : undefined,
  );
  const answer = await call(machine, update, { host });
  expect(answer).toMatchObject({ code: 1 });
  expect(answer.err).toContain('the install is done');
  expect(answer.err).toContain('Failed to connect to bus');
  expect(answer.err).toContain('`sudo vllmd rollback` to take it back');
  expect(machine.entries.has(pending)).toBe(true);
  expect(contradictions(machine)).toEqual([]);
});

test('an install that changes nothing waits for nobody', async () => {
  const machine = await installed();
  await healthy(machine, install('/example.toml', '--confirm-within', '10m'));
  expect(machine.entries.has(pending)).toBe(false);
  expect(machine.commands.flat()).not.toContain('systemd-run');
});

test('an install that went back waits for nobody', async () => {
  const machine = simulatedHost({ failsToStart: (vm) => vm.includes(`"size": ${24 * 2 ** 30}`) });
  await healthy(machine, install('/example.toml'));
  expect((await call(machine, update)).code).toBe(4);
  expect(machine.entries.has(pending)).toBe(false);
  expect(machine.commands.flat()).not.toContain('systemd-run');
});

test('an install that came to a part waits, and the rest goes back as well', async () => {
  const machine = simulatedHost({ failsToStart: (vm) => vm.includes('0000:02:00.0') });
  const before = pictureOf(machine);
  const argv = install('/example.toml', '--confirm-within', '10m');
  expect((await call(machine, argv)).code).toBe(4);
  expect(machine.entries.has(pending)).toBe(true);
  expect((await expire(machine)).code).toBe(0);
  expect(pictureOf(machine)).toEqual(before);
});

test('a note of what waits that is damaged stops what depends on it, and confirm clears it', async () => {
  const machine = await unconfirmed();
  await edit(machine, pending, '{"schema":1}');
  for (const argv of [install('/fewer.toml'), ['rollback', '--unconfirmed', '2']]) {
    const answer = await call(machine, argv);
    expect(answer).toMatchObject({ code: 1 });
    expect(answer.err).toContain(`${pending} is damaged`);
    expect(answer.err).toContain('vllmd rollback N');
  }
  expect((await call(machine, ['confirm'])).code).toBe(0);
  expect(machine.entries.has(pending)).toBe(false);
});

test('a rollback to a named generation goes there although the note is damaged', async () => {
  const machine = await unconfirmed();
  await edit(machine, pending, '{"schema":1}');
  const answer = await call(machine, ['rollback', '1', '--settle', '0']);
  expect(answer).toMatchObject({ code: 0 });
  expect(pictureOf(machine)).toEqual(pictureOf(await installed()));
});

test.for([
  [['--confirm-within', '10m', '--dry-run'], '--confirm-within is for a real install'],
  [['--confirm-within', '10m', '--root', '/tree'], '--confirm-within needs the systemd'],
  [['--confirm-within', 'soon'], '--confirm-within soon is no time'],
] as const)('%j is wrong usage', async ([flags, message]) => {
  const machine = await installed();
  const answer = await call(machine, install('/memory.toml', ...flags));
  expect(answer).toMatchObject({ code: 64 });
  expect(answer.err).toContain(message);
});

test('a reboot before the confirmation takes the install back before any runtime starts', async () => {
  const machine = await unconfirmed();
  await edit(machine, dropIn, 'mine\n');
  machine.reboot();
  const before = machine.commands.length;
  const answer = await call(machine, ['recover', '--boot']);
  expect(answer).toMatchObject({ code: 0 });
  expect(answer.err).toContain('not confirmed before the reboot: back to generation 1');
  const calls = machine.commands.slice(before);
  expect(calls).toContainEqual(['systemctl', 'daemon-reload']);
  expect(calls).toContainEqual(['systemctl', 'stop', 'vllmd-confirm.timer']);
  const starts = calls.filter(([, verb]) => verb === 'start' || verb === 'restart');
  expect(starts).toEqual([['systemctl', 'start', '--no-block', '--', 'vllmd.target']]);
  expect(calls.at(-1)).toEqual(starts[0]);
  expect(machine.entries.has(pending)).toBe(false);
  expect(pictureOf(machine)).toEqual(pictureOf(await installed()));
  expect(contradictions(machine)).toEqual([]);
});

test('while an install waits, an uninstall is refused as well', async () => {
  const machine = await unconfirmed();
  const before = new Map(machine.entries);
  const answer = await call(machine, ['uninstall']);
  expect(answer).toMatchObject({ code: 5, out: '' });
  expect(answer.err).toContain('generation 2 still waits for its confirmation');
  expect(new Map(machine.entries)).toEqual(before);
});
