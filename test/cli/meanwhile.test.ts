import { expect, test, vi } from 'vitest';
import type { Host } from '../../src/host/host.ts';
import { answering, call, edit, healthy, install, installed } from '../support/call.ts';
import { contradictions, pictureOf } from '../support/consistency.ts';
import { faulty } from '../support/faulty-host.ts';
import { type Simulation, simulatedHost } from '../support/systemd.ts';

vi.mock('yargs', async (original) =>
  (await import('../support/quiet-yargs.ts')).quietYargs(original),
);

const journal = '/var/lib/vllmd/install/journal.json';
const second = 'vllmd-runtime@2.service';
const definition = '/home/sdake/.config/vllmd/runtime-2.vm.json';
const disk = '/home/sdake/.local/state/vllmd-hypervisor/runtime-2/disk.raw';

function fails(code: string, what: string): Error {
  return Object.assign(new Error(`${code}: ${what}`), { code });
}

/** Does something once, right after the first effect that is told to. */
function once(
  machine: Simulation,
  effect: 'write' | 'run',
  isIt: (first: string) => boolean,
  act: () => Promise<void>,
): Host {
  let isDone = false;
  const after = async (what: string) => {
    if (isDone || !isIt(what)) return;
    isDone = true;
    await act();
  };
  const { host } = machine;
  return effect === 'write'
    ? {
        ...host,
        write: async (path, text, metadata) => {
          await host.write(path, text, metadata);
          await after(path);
        },
      }
    : {
        ...host,
        run: async (argv, timeoutMs) => {
          const result = await host.run(argv, timeoutMs);
          await after(argv.join(' '));
          return result;
        },
      };
}

test('an edit that comes before its file is written stays, and the next plan asks about it', async () => {
  const machine = await installed();
  const path = '/etc/vllmd/runtime-2.env';
  const host = once(
    machine,
    'write',
    (name) => name === journal,
    () => edit(machine, path, 'mine\n'),
  );
  const answer = await call(machine, install('/memory.toml'), { host });
  expect(answer).toMatchObject({ code: 5 });
  expect(answer.err).toContain(`${path} was changed while the install ran`);
  expect(machine.entries.get(path)).toMatchObject({ text: 'mine\n' });
  const next = await call(machine, install('/memory.toml'));
  expect(next).toMatchObject({ code: 5 });
  expect(next.err).toContain(path);
});

test('a generation has the texts that were written, also where one is edited before the end', async () => {
  const machine = await installed();
  const host = once(
    machine,
    'run',
    (command) => command.startsWith('systemctl restart'),
    () => edit(machine, definition, 'mine\n'),
  );
  await healthy(machine, install('/memory.toml'), { host });
  await healthy(machine, install('/bridge.toml', '--overwrite-drift', definition));
  await healthy(machine, ['rollback', '2', '--settle', '0']);
  expect(machine.entries.get(definition)).toMatchObject({
    text: expect.stringContaining(`${24 * 2 ** 30}`),
  });
});

test('a number that a discarded install had recorded gets the new generation', async () => {
  const machine = await installed();
  const { host } = machine;
  const noRecord: Host = {
    ...host,
    write: async (path, text, metadata) => {
      if (path.endsWith('/manifest.json')) throw fails('EIO', 'i/o error');
      return host.write(path, text, metadata);
    },
  };
  expect((await call(machine, install('/memory.toml'), { host: noRecord })).code).toBe(8);
  await healthy(machine, ['recover', '--discard-journal']);
  // Of what the discarded install has written, nothing is known any more.
  const refused = await call(machine, install('/bridge.toml', '--json'));
  const { drift }: { drift: readonly { path: string }[] } = JSON.parse(refused.out);
  const paths = drift.map(({ path }) => path);
  await healthy(machine, install('/bridge.toml', '--overwrite-drift', ...paths));
  await healthy(machine, install('/example.toml'));
  await healthy(machine, ['rollback', '2', '--settle', '0']);
  expect(machine.entries.get('/etc/vllmd/network.env')).toMatchObject({
    text: expect.not.stringContaining('vllmd-br0'),
  });
});

test.each([
  ['was being started', { active: 'activating', sub: 'start-post' }],
  [
    'was about to be started again',
    { active: 'activating', sub: 'auto-restart', result: 'exit-code', pid: 0 },
  ],
] as const)(
  'a runtime that %s when it was dropped is on its way again after a failure',
  async (_, state) => {
    const machine = await installed();
    const before = pictureOf(machine);
    machine.becomes(second, state);
    const { host } = machine;
    const broken: Host = {
      ...host,
      remove: async (path) => {
        if (path === '/etc/vllmd/runtime-2.env') throw fails('EIO', 'i/o error');
        return host.remove(path);
      },
    };
    const answer = await call(machine, install('/fewer.toml'), { host: broken });
    expect(answer).toMatchObject({ code: 1 });
    expect(machine.entries.has(journal)).toBe(false);
    expect(pictureOf(machine)).toEqual(before);
    expect(contradictions(machine)).toEqual([]);
  },
);

test('a directory that something is mounted on stays, and the install is done', async () => {
  const machine = await installed();
  await edit(machine, disk, 'x');
  const { host } = machine;
  const mounted: Host = {
    ...host,
    removeDirectory: async (path) => !path.endsWith('/runtime-2') && host.removeDirectory(path),
  };
  const answer = await healthy(machine, install('/fewer.toml', '--purge-data', '2'), {
    host: mounted,
  });
  expect(machine.entries.has(disk)).toBe(false);
  expect(machine.entries.has(journal)).toBe(false);
  expect(answer.err).toContain('/home/sdake/.local/state/vllmd-hypervisor/runtime-2');
});

test('a disk that cannot be deleted is named', async () => {
  const machine = await installed();
  await edit(machine, disk, 'x');
  const { host } = machine;
  const immutable: Host = {
    ...host,
    remove: async (path) => {
      if (path === disk) throw fails('EPERM', 'operation not permitted');
      return host.remove(path);
    },
  };
  const argv = install('/fewer.toml', '--purge-data', '2');
  const answer = await call(machine, argv, { host: immutable });
  expect(answer).toMatchObject({ code: 8 });
  expect(answer.err).toContain(`cannot delete ${disk}: EPERM`);
  await healthy(machine, ['recover']);
  expect(machine.entries.has(disk)).toBe(false);
});

test('a recovery that systemd does not answer is not finished, and says so', async () => {
  const machine = await installed();
  const argv = install('/memory.toml');
  const clean = machine.fork();
  const counting = faulty(clean.host, -1, undefined);
  await healthy(clean, argv, { host: counting });
  const at = counting.operations.findIndex((name) => name.startsWith('run systemctl restart'));
  await call(machine, argv, { host: faulty(machine.host, at, 'dies-after') });
  let shows = 0;
  const silent = answering(machine.host, ([, verb]) => {
    shows += verb === 'show' ? 1 : 0;
    return verb === 'show' && shows > 1 ? { exitCode: 1, stderr: 'timed out' } : undefined;
  });
  const answer = await call(machine, ['recover'], { host: silent });
  expect(answer).toMatchObject({ code: 8 });
  expect(machine.entries.has(journal)).toBe(true);
  await healthy(machine, ['recover']);
});

test('runtimes that a boot has held back start from what systemd has read again', async () => {
  const machine = await installed();
  await healthy(machine, install('/memory.toml', '--confirm-within', '10m'));
  machine.reboot();
  await machine.host.mkdir('/run/vllmd', { mode: 0o755, uid: 0, gid: 0 });
  await edit(machine, '/run/vllmd/unrecovered', '');
  const deaf = answering(machine.host, ([, verb]) =>
    verb === 'daemon-reload' ? { exitCode: 1, stderr: 'Connection timed out' } : undefined,
  );
  expect((await call(machine, ['recover', '--boot'], { host: deaf })).code).toBe(8);
  const still = await call(machine, ['recover'], { host: deaf });
  expect(still).toMatchObject({ code: 8 });
  expect(machine.entries.has('/run/vllmd/unrecovered')).toBe(true);
  const begin = machine.commands.length;
  await healthy(machine, ['recover']);
  const calls = machine.commands.slice(begin).map((argv) => argv.join(' '));
  expect(calls).toEqual(['systemctl daemon-reload', 'systemctl start --no-block -- vllmd.target']);
});

const target = 'vllmd.target';

test('a first install that is cut off before its last start is finished with it', async () => {
  const clean = simulatedHost();
  const counting = faulty(clean.host, -1, undefined);
  await healthy(clean, install('/example.toml'), { host: counting });
  const at = counting.operations.findIndex((name) => name.endsWith(`-- ${target}`));
  const machine = simulatedHost();
  await call(machine, install('/example.toml'), { host: faulty(machine.host, at, 'dies-before') });
  expect(machine.units.get(target)?.active).not.toBe('active');
  await healthy(machine, ['recover']);
  expect(machine.units.get(target)?.active).toBe('active');
});

test('a target that is down while a runtime runs is started by the next install', async () => {
  const machine = await installed();
  machine.becomes(target, { active: 'inactive', sub: 'dead' });
  const { out } = await healthy(machine, install('/example.toml'));
  expect(out).toContain(`start ${target}`);
  expect(machine.units.get(target)?.active).toBe('active');
});
