import { dirname } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { Host } from '../../src/host/host.ts';
import { answering, call, edit, healthy, install, installed } from '../support/call.ts';
import type { Simulation } from '../support/systemd.ts';

vi.mock('yargs', async (original) =>
  (await import('../support/quiet-yargs.ts')).quietYargs(original),
);

const vm = 'vllmd-runtime@1.service';

/** As `systemctl edit` and `systemctl set-property` do it: the directory comes with the file. */
async function dropIn(machine: Simulation, path: string, text: string): Promise<void> {
  const parts = dirname(path).split('/').slice(1);
  for (const [position] of parts.entries()) {
    const directory = `/${parts.slice(0, position + 1).join('/')}`;
    if (machine.entries.has(directory)) continue;
    await machine.host.mkdir(directory, { mode: 0o755, uid: 0, gid: 0 });
  }
  await edit(machine, path, text);
}

test.for(['/etc/systemd/system.control', '/run/systemd/system.control', '/run/systemd/transient'])(
  'a drop-in in %s is listed, and keeps no install from its changes',
  async (base) => {
    const machine = await installed();
    const path = `${base}/${vm}.d/50-MemoryMax.conf`;
    await dropIn(machine, path, '[Service]\nMemoryMax=1T\n');
    const { out } = await healthy(machine, install('/moved.toml'));
    expect(out).toContain(`your drop-in ${path} applies too`);
    expect((await healthy(machine, install('/moved.toml'))).out).not.toContain('restart');
  },
);

type Broken = readonly [what: string, path: string, text: string];

const broken: readonly Broken[] = [
  ['nothing to start', `/etc/systemd/system/${vm}.d/override.conf`, '[Service]\nExecStart=\n'],
  [
    'two things to start',
    `/etc/systemd/system/${vm}.d/override.conf`,
    '[Service]\nExecStart=/bin/x\n',
  ],
  [
    'the whole program cleared by one of all',
    '/etc/systemd/system/vllmd-.service.d/override.conf',
    '[Service]\nExecStart=\n',
  ],
];

/** As the process of before, or not: another one has another invocation. */
function processes({ units }: Simulation): readonly string[] {
  return [...units].map(([unit, { active, invocation }]) => `${unit} ${active} ${invocation}`);
}

test.for(broken)(
  'a drop-in that leaves a unit with %s is refused before anything is touched',
  async ([, path, text]) => {
    const machine = await installed();
    const before = processes(machine);
    await dropIn(machine, path, text);
    const since = machine.commands.length;
    for (const config of ['/example.toml', '/memory.toml', '/moved.toml']) {
      const answer = await call(machine, install(config));
      expect(answer).toMatchObject({ code: 3, err: expect.stringContaining(path) });
      expect(answer.err).toContain('with your drop-ins systemd would not start units');
    }
    expect(machine.commands.slice(since)).toEqual([]);
    expect(processes(machine)).toEqual(before);
  },
);

test.for(broken)(
  'without systemd-analyze a drop-in that leaves a unit with %s stops no VM',
  async ([, path, text]) => {
    const machine = await installed();
    const before = processes(machine);
    await dropIn(machine, path, text);
    const host = answering(machine.host, ([program]) =>
      program === 'systemd-analyze' ? { exitCode: 127 } : undefined,
    );
    const answer = await call(machine, install('/bridge.toml'), { host });
    expect(answer).toMatchObject({
      code: 1,
      err: expect.stringContaining('systemd did not load it (bad-setting)'),
    });
    expect(processes(machine)).toEqual(before);
    expect(machine.entries.has('/var/lib/vllmd/install/journal.json')).toBe(false);
  },
);

test('a drop-in that breaks what prepares a VM is refused when that VM is to restart', async () => {
  const machine = await installed();
  const before = processes(machine);
  const path = '/etc/systemd/system/vllmd-runtime-pre-start@1.service.d/override.conf';
  await dropIn(machine, path, '[Service]\nExecStart=\n');
  const answer = await call(machine, install('/bridge.toml'));
  expect(answer).toMatchObject({ code: 3, err: expect.stringContaining(path) });
  expect(processes(machine)).toEqual(before);
  // Of a VM that stays as it is that is no matter.
  expect((await call(machine, install('/memory.toml'))).code).toBe(0);
});

/** Read by systemd, and not by vllmd: whoever owns the link decides where it leads. */
async function withForeignLink(machine: Simulation): Promise<Host> {
  const path = `/etc/systemd/system/${vm}.d/60-link.conf`;
  await dropIn(machine, path, '[Service]\nNice=1\n');
  return {
    ...machine.host,
    read: async (name) =>
      name === path
        ? { type: 'link', target: '/home/sdake/x.conf', trusted: false }
        : machine.host.read(name),
  };
}

test('a drop-in that systemd had loaded before the install has not come meanwhile', async () => {
  const machine = await installed();
  const host = await withForeignLink(machine);
  await machine.host.run(['systemctl', 'daemon-reload'], 1000);
  expect(await call(machine, install('/moved.toml'), { host })).toMatchObject({ code: 0 });
});

test('a drop-in that comes while the install runs is told, and all is as before', async () => {
  const machine = await installed();
  const path = `/etc/systemd/system/${vm}.d/60-late.conf`;
  const host: Host = {
    ...machine.host,
    run: async (argv, timeoutMs) => {
      const isFirst = argv[1] === 'daemon-reload' && !machine.entries.has(path);
      if (isFirst) await dropIn(machine, path, '[Service]\nNice=1\n');
      return machine.host.run(argv, timeoutMs);
    },
  };
  const answer = await call(machine, install('/moved.toml'), { host });
  expect(answer).toMatchObject({ code: 1, err: expect.stringContaining(`${path} came while`) });
});
