import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { run } from '../../../src/cli/run.ts';
import { answering, healthy, install } from '../../support/call.ts';
import { type Simulation, simulatedHost } from '../../support/systemd.ts';
import { testWorld } from '../../support/world.ts';

vi.mock('yargs', async (original) =>
  (await import('../../support/quiet-yargs.ts')).quietYargs(original),
);

const NOW_S = Date.UTC(2026, 0, 1) / 1000;
const HOUR_S = 3600;
const GIB = 2 ** 30;
const address = (number: number) => `0000:${number.toString(16).padStart(2, '0')}:00.0`;
const unit = (index: number) => `vllmd-runtime@${index}.service`;

type Runtime = { readonly name: string; readonly gpus: readonly number[]; readonly more?: string };

function config(runtimes: readonly Runtime[], tables = ''): string {
  const blocks = runtimes.map(({ name, gpus, more = '' }, at) =>
    [
      '[[runtimes]]',
      `index = ${at + 1}`,
      `name = ${JSON.stringify(name)}`,
      `gpus = ${JSON.stringify(gpus.map(address))}`,
      'memory_gb = 32\ncpus = 4',
      more,
    ].join('\n'),
  );
  return ['schema_version = 2', tables, '[global]\nuser = "sdake"', ...blocks, ''].join('\n');
}

const gpu = { id: '10de:2330', subsystem: '10de:16c1', class: '030200', reset: 'flr bus' };
const description = {
  memoryGib: 2048,
  pci: Array.from({ length: 16 }, (_, at) => ({ ...gpu, address: address(at + 1), group: at + 1 })),
  numa: [{ cpus: '0-63', memoryGib: 2048, hugepages: { '1G': 0 } }],
  interfaces: { br0: 'bridge' as const },
};

/** Installed three days and four hours ago; every VM runs since then. */
async function machineWith(text: string): Promise<Simulation> {
  const machine = simulatedHost({ description });
  const texts = new Map([['/status.toml', text]]);
  await healthy(machine, install('/status.toml', '--allow-empty'), { texts });
  for (const name of [...machine.units.keys()].filter((key) => key.startsWith('vllmd-runtime@'))) {
    machine.becomes(name, { since: NOW_S - 76 * HOUR_S, memoryBytes: Math.round(31.9 * GIB) });
  }
  return machine;
}

const two = [
  { name: 'first', gpus: [1] },
  { name: 'second', gpus: [2, 3] },
];

/** One of everything that can be wrong. */
async function trouble(): Promise<Simulation> {
  const names = ['good', 'failed', 'failing', 'blocked', 'pending', 'edited', 'stopped', 'masked'];
  const all = [...names, 'starting'];
  const text = (more: string) =>
    config(all.map((name, at) => ({ name, gpus: [at + 1], more: name === 'pending' ? more : '' })));
  const machine = await machineWith(text(''));
  const texts = new Map([['/status.toml', text('disk_gb = 500')]]);
  await healthy(machine, install('/status.toml', '--no-restart'), { texts });
  const { host } = machine;
  const since = NOW_S - 300;
  const down = { active: 'inactive', sub: 'dead', pid: 0, since } as const;
  const failed = { active: 'failed', sub: 'failed', result: 'exit-code', pid: 0, since } as const;
  machine.becomes(unit(2), failed);
  machine.becomes(unit(3), { ...failed, active: 'activating', sub: 'auto-restart', restarts: 12 });
  machine.becomes(`vllmd-vfio@${address(4)}.service`, failed);
  machine.becomes(unit(4), down);
  const path = '/etc/vllmd/runtime-6.env';
  const env = await host.read(path);
  if (env.type !== 'file') throw new Error(`${path} is not there`);
  await host.write(path, `${env.text}# mine\n`, { mode: env.mode, uid: 0, gid: 0 });
  machine.becomes(unit(7), down);
  machine.becomes(unit(8), down);
  await host.link(`/etc/systemd/system/${unit(8)}`, '/dev/null');
  machine.becomes(unit(9), { active: 'activating', sub: 'start-post', since: NOW_S - 12 });
  return machine;
}

async function edited(): Promise<Simulation> {
  const machine = await machineWith(config(two));
  const { host } = machine;
  const file = { mode: 0o644, uid: 0, gid: 0 };
  await host.write('/etc/vllmd/network.env', 'VLLMD_NETWORK_MODE=nat\n', file);
  await host.write('/etc/vllmd/vfio.env', '# mine\n', file);
  await host.remove('/etc/vllmd/libexec/tap');
  await host.write(`/etc/systemd/system/${unit(2)}.d/50-mine.conf`, '[Service]\nNice=5\n', file);
  await host.remove(`/etc/systemd/system/vllmd.target.wants/${unit(1)}`);
  return machine;
}

const long = 'a name that goes on and on, as long as a config lets it be 1234';
const eight = config([
  { name: long, gpus: [1, 2, 3, 4, 5, 6, 7, 8] },
  { name: '推論サーバー', gpus: [] },
]);

/** What the README shows. */
async function onCall(): Promise<Simulation> {
  const runtimes = [
    { name: 'chat', gpus: [1] },
    { name: 'code', gpus: [2, 3] },
    { name: 'embeddings', gpus: [4] },
  ];
  const changed = runtimes.map((runtime) =>
    runtime.name === 'embeddings' ? { ...runtime, more: 'disk_gb = 500' } : runtime,
  );
  const machine = await machineWith(config(runtimes));
  const since = NOW_S - 312;
  machine.becomes(unit(2), {
    ...{ active: 'failed', sub: 'failed', result: 'exit-code', pid: 0, since },
  });
  const texts = new Map([['/status.toml', config(changed)]]);
  await healthy(machine, install('/status.toml', '--no-restart'), { texts });
  return machine;
}

const states: Readonly<Record<string, () => Promise<Simulation>>> = {
  running: () => machineWith(config(two)),
  trouble,
  edited,
  'on-call': onCall,
  'no-runtimes': () => machineWith(config([])),
  'eight-gpus': () => machineWith(eight),
  bridge: () => machineWith(config(two, '[network]\nmode = "bridge"\nbridge_name = "br0"\n')),
  'no-network': () => machineWith(config(two, '[network]\nmode = "none"\n')),
  hugepages: () => machineWith(config(two, '[memory]\nhugepages = "1G"\n')),
};

async function shown(machine: Simulation, columns: number | undefined): Promise<string> {
  const text: string[] = [];
  const stdout = {
    write: (part: string) => void text.push(part),
    hasColour: false,
    isTerminal: columns !== undefined,
    columns,
  };
  expect(await run(['status'], testWorld(machine.host, { stdout }))).toBe(0);
  return text.join('');
}

const golden = fileURLToPath(new URL('status/', import.meta.url));
const cases = Object.keys(states).flatMap((name) =>
  (name === 'running' || name === 'trouble' || name === 'eight-gpus'
    ? ([undefined, 60, 80, 200] as const)
    : ([undefined] as const)
  ).map((columns) => [name, columns] as const),
);

test.for(cases)(
  'status of a host with %s is as expected in %s columns',
  async ([name, columns]) => {
    const text = await shown(await (states[name] ?? trouble)(), columns);
    const file = columns === undefined ? name : `${name}-${columns}`;
    await expect(text).toMatchFileSnapshot(`${golden}${file}.txt`);
    // What cannot be made shorter may be wider: a path, a command.
    const lines = text.split('\n').filter((line) => !/^ {6}|[/]/.test(line));
    if (columns !== undefined)
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
  },
);

test('no golden table is left over', () => {
  const expected = cases.map(([name, columns]) =>
    columns === undefined ? `${name}.txt` : `${name}-${columns}.txt`,
  );
  expect(readdirSync(golden).toSorted()).toEqual(expected.toSorted());
});

test('the JSON has the same as the table, in units for programs', async () => {
  const machine = await trouble();
  const world = testWorld(machine.host);
  expect(await run(['status', '--json'], world)).toBe(0);
  const json = JSON.parse(world.out());
  expect(json).toMatchObject({
    format_version: '1.0',
    at: '2026-01-01T00:00:00Z',
    busy: null,
    network: { mode: 'nat', bridge: 'vllmd-br0' },
  });
  expect(json.runtimes[0]).toMatchObject({
    state: 'running',
    since: '2025-12-28T20:00:00Z',
    result: 'success',
    restarts: 0,
    devices: [{ address: address(1), present: true, driver: 'vfio-pci', is_vfio: true }],
    memory_bytes: 32 * GIB,
    memory_used_bytes: Math.round(31.9 * GIB),
    hugepages: false,
    address: '10.77.0.2',
    mac: '02:76:6c:00:00:01',
  });
  expect(json.runtimes.map(({ state }: { readonly state: string }) => state)).toEqual([
    ...['running', 'failed', 'failing', 'not started', 'running', 'running', 'stopped', 'masked'],
    'starting',
  ]);
  const codes = json.attention.map(
    ({ code, runtime }: { readonly code: string; readonly runtime: number | null }) =>
      `${code} ${runtime}`,
  );
  expect(codes).toEqual([
    ...['failed 2', 'failing 3', 'not-started 4', 'edited 6'],
    ...['restart-pending 5', 'restart-pending 6'],
  ]);
  expect(json.attention[0]).toEqual({
    code: 'failed',
    subject: unit(2),
    runtime: 2,
    text: 'runtime 2 has failed (exit-code)',
    commands: [
      { command: `journalctl -u ${unit(2)} -n 50`, why: 'what it said last' },
      { command: `sudo systemctl restart ${unit(2)}`, why: 'once the cause is gone' },
    ],
  });
});

test('a stop by somebody is claimed only where systemd knows of one', async () => {
  const machine = await machineWith(config(two));
  const down = { active: 'inactive', sub: 'dead', pid: 0, since: NOW_S - 300 } as const;
  machine.becomes(unit(1), down);
  const look = async (host: Simulation['host']) => {
    const world = testWorld(host);
    await run(['status'], world);
    return world.out();
  };
  expect(await look(machine.host)).toMatch(/^1 .* stopped by operator or guest$/m);
  const silent = answering(machine.host, (argv) =>
    argv.includes('--timestamp=unix') ? { exitCode: 1 } : undefined,
  );
  expect(await look(silent)).toMatch(/^1 +first +stopped +- .* 10\.77\.0\.2$/m);
  machine.reboot();
  expect(await look(machine.host)).toMatch(/^1 .* not started since boot$/m);
});

test('a GPU that a running VM has, and that is elsewhere or gone, needs somebody', async () => {
  const machine = await machineWith(config(two));
  const at = '/sys/bus/pci/devices';
  const { host } = machine;
  await host.link(`${at}/${address(1)}/driver`, '../../../../bus/pci/drivers/nvidia');
  const without: typeof host = {
    ...host,
    exists: async (path) => path !== `${at}/${address(3)}` && host.exists(path),
  };
  const world = testWorld(without);
  expect(await run(['status'], world)).toBe(0);
  expect(world.out()).toContain('0000:01:00.0 nvidia ');
  expect(world.out()).toContain('0000:03:00.0 not there');
  expect(world.out()).toContain(
    'GPU 0000:01:00.0 of runtime 1 has the driver nvidia, not vfio-pci\n',
  );
  expect(world.out()).toContain('GPU 0000:03:00.0 of runtime 2 is not on the PCI bus any more\n');
});

test('a GPU that a VM is to have from its next start on is not taken from it', async () => {
  const manual = { name: 'first', gpus: [1], more: 'restart = "manual"' };
  const machine = await machineWith(config([manual]));
  const more = config([{ ...manual, gpus: [1, 4] }]);
  const texts = new Map([['/status.toml', more]]);
  await healthy(machine, install('/status.toml'), { texts });
  const { out } = await healthy(machine, ['status']);
  expect(out).toContain('restart pending: runtime 1 ');
  expect(out).not.toContain('0000:04:00.0 of runtime 1');
});

test('the README shows a real table', async () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
  const real = await shown(await onCall(), undefined);
  expect(readme).toContain(`\n${real.replace('/status.toml', '/etc/vllmd/config.toml')}`);
});
