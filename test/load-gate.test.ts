import { expect, test } from 'vitest';
import type { CommandResult, HostReader } from '../src/host/host.ts';
import { loadGate } from '../src/host/load-gate.ts';
import { createMemoryHost } from '../src/host/memory-host.ts';

const unit = 'vllmd-runtime@1.service';
const fragmentPath = '/etc/systemd/system/vllmd-runtime@.service';
const own = '/etc/systemd/system/vllmd-runtime@1.service.d/10-vllmd.conf';
const operators = '/usr/lib/systemd/system/vllmd-.service.d/a.conf';
const expectation = { unit, fragmentPath, dropIns: [own, operators], knowsDropIns: true };

const asWritten = {
  LoadState: 'loaded',
  ActiveState: 'active',
  SubState: 'running',
  NeedDaemonReload: 'no',
  FragmentPath: fragmentPath,
  DropInPaths: `${own} /lib/systemd/system/vllmd-.service.d/a.conf`,
  LoadError: '',
};

function hostThatSays(properties: Partial<typeof asWritten>): HostReader {
  const query = async (argv: readonly string[]): Promise<CommandResult> => {
    const all = { Id: unit, ...asWritten, ...properties };
    const names = (argv[2] ?? '').replace('--property=', '').split(',');
    const stdout = Object.entries(all)
      .filter(([key]) => names.includes(key))
      .map(([key, value]) => `${key}=${value}\n`)
      .join('');
    return { exitCode: 0, stdout, stderr: '' };
  };
  return { ...createMemoryHost(), query };
}

test('a unit that systemd has as it was written passes, with the drop-in of its devices', async () => {
  const devices = `/run/systemd/system/${unit}.d/20-vllmd-devices.conf`;
  expect(await loadGate(hostThatSays({}), [expectation])).toEqual([]);
  const dropIns = `${asWritten.DropInPaths} ${devices}`;
  expect(await loadGate(hostThatSays({ DropInPaths: dropIns }), [expectation])).toEqual([]);
});

test('drop-ins of a distribution for units that are no runtimes are nothing new', async () => {
  const host = hostThatSays({
    DropInPaths: `${own} /usr/lib/systemd/system/service.d/10-timeout.conf`,
  });
  const known = { ...expectation, dropIns: [own] };
  expect(await loadGate(host, [{ ...known, knowsDropIns: false }])).toEqual([]);
  expect(await loadGate(host, [known])).toEqual([expect.stringContaining('10-timeout.conf came')]);
});

test.for<[string, Partial<typeof asWritten>, string]>([
  [
    'cannot be read',
    {
      LoadState: 'bad-setting',
      LoadError: 'org.freedesktop.systemd1.BadUnitSetting "Unit has a bad unit file setting."',
    },
    `${unit}: systemd did not load it (bad-setting): Unit has a bad unit file setting.; see \`systemctl status ${unit}\``,
  ],
  [
    'is not there',
    { LoadState: 'not-found' },
    `${unit}: systemd did not load it (not-found); see \`systemctl status ${unit}\``,
  ],
  [
    'changed after the reload',
    { NeedDaemonReload: 'yes' },
    `${unit}: its files changed again after systemd had read them`,
  ],
  [
    'comes from elsewhere',
    { FragmentPath: '/run/systemd/system/vllmd-runtime@.service' },
    `${unit}: systemd takes it from /run/systemd/system/vllmd-runtime@.service and not from ${fragmentPath}`,
  ],
  [
    'lost its drop-in',
    { DropInPaths: operators },
    `${unit}: systemd does not use its drop-in ${own}`,
  ],
  [
    'has a drop-in that the plan did not see',
    { DropInPaths: `${own} /run/systemd/system/service.d/new.conf` },
    `${unit}: /run/systemd/system/service.d/new.conf came while the install ran; install again to take it in`,
  ],
])('a unit that %s is told in one sentence', async ([, properties, sentence]) => {
  expect(await loadGate(hostThatSays(properties), [expectation])).toEqual([sentence]);
});

test('a unit that systemd does not name at all is told', async () => {
  const other = { ...expectation, unit: 'vllmd.slice' };
  expect(await loadGate(hostThatSays({}), [other])).toEqual([
    'vllmd.slice: systemd did not load it (unknown); see `systemctl status vllmd.slice`',
  ]);
});

test('many units are asked about in few calls', async () => {
  const calls: number[] = [];
  const host: HostReader = {
    ...createMemoryHost(),
    query: async (argv) => {
      calls.push(argv.length - 4);
      const stdout = argv
        .slice(4)
        .map((name) => `Id=${name}\nLoadState=loaded\nFragmentPath=/x\nDropInPaths=\n`)
        .join('\n');
      return { exitCode: 0, stdout, stderr: '' };
    },
  };
  const expectations = Array.from({ length: 12_000 }, (_, index) => ({
    unit: `vllmd-runtime@${index}.service`,
    fragmentPath: '/x',
    dropIns: [],
    knowsDropIns: true,
  }));
  expect(await loadGate(host, expectations)).toEqual([]);
  expect(calls).toEqual([5000, 5000, 2000]);
});
