import { expect, test } from 'vitest';
import type { Host } from '../src/host/host.ts';
import { type Simulation, simulatedHost } from './support/systemd.ts';

const units = '/etc/systemd/system';
const vm = 'vllmd-runtime@1.service';
const file = { mode: 0o644, uid: 0, gid: 0 };

const runtime = `[Unit]
Requires=vllmd-runtime-pre-start@%i.service
AssertPathExists=/etc/vllmd/runtime-%i.env
[Service]
EnvironmentFile=/etc/vllmd/runtime-%i.env
ExecStart=cloud-hypervisor
`;
const preparation = `[Unit]
PartOf=vllmd-runtime@%i.service
StopWhenUnneeded=yes
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/true
`;

function definition(gpu: string): string {
  return `{"path": "/sys/bus/pci/devices/${gpu}"}`;
}

/** Two VMs by hand, the second with a GPU of its own. */
async function machine(): Promise<Simulation> {
  const simulation = simulatedHost();
  const { host } = simulation;
  await host.mkdir('/etc/vllmd', { ...file, mode: 0o755 });
  await host.write(`${units}/vllmd-runtime@.service`, runtime, file);
  await host.write(`${units}/vllmd-runtime-pre-start@.service`, preparation, file);
  for (const index of [1, 2]) {
    await host.mkdir(`${units}/vllmd-runtime@${index}.service.d`, { ...file, mode: 0o755 });
    await host.write(`${units}/vllmd-runtime@${index}.service.d/10-vllmd.conf`, '[Unit]\n', file);
    const env = `VLLMD_RUNTIME_VM_DEFINITION=/etc/vllmd/${index}.json\n`;
    await host.write(`/etc/vllmd/runtime-${index}.env`, env, file);
    await host.write(`/etc/vllmd/${index}.json`, definition(`0000:0${index}:00.0`), file);
  }
  return simulation;
}

async function systemctl(host: Host, ...args: readonly string[]): Promise<number> {
  return (await host.run(['systemctl', ...args], 1000)).exitCode;
}

test('a start brings what the unit requires, and a stop takes away what nobody needs any more', async () => {
  const { host, units: states, entries } = await machine();
  expect(await systemctl(host, 'start', '--', vm)).toBe(0);
  expect(states.get('vllmd-runtime-pre-start@1.service')?.active).toBe('active');
  expect(entries.has('/run/vllmd/1/booted')).toBe(true);
  expect(await systemctl(host, 'stop', '--', vm)).toBe(0);
  expect([...states.values()].map(({ active }) => active)).toEqual(['inactive', 'inactive']);
  expect(entries.has('/run/vllmd/1')).toBe(false);
});

test('a unit whose assertion does not hold, or that has no file, does not start', async () => {
  const { host } = await machine();
  expect(await systemctl(host, 'start', '--', 'vllmd-runtime@7.service')).toBe(1);
  expect(await systemctl(host, 'start', '--', 'nothing.service')).toBe(5);
});

test('a unit that cannot be loaded any more goes on with its old process', async () => {
  const { host, units: states } = await machine();
  await systemctl(host, 'start', '--', vm);
  const { pid } = states.get(vm) ?? {};
  await host.write(`${units}/vllmd-runtime@.service`, `${runtime}BROKEN\n`, file);
  expect(await systemctl(host, 'daemon-reload')).toBe(0);
  expect((await host.query(['systemctl', 'show', '--', vm])).stdout).toContain(
    'LoadState=bad-setting',
  );
  expect(await systemctl(host, 'restart', '--', vm)).toBe(1);
  expect(states.get(vm)).toMatchObject({ active: 'active', pid });
});

test('a VM that is stopped after its files are gone is told, one stopped before is not', async () => {
  for (const isStoppedBefore of [true, false]) {
    const { host, violations } = await machine();
    await systemctl(host, 'start', '--', vm);
    if (isStoppedBefore) await systemctl(host, 'stop', '--', vm);
    await host.remove(`${units}/${vm}.d/10-vllmd.conf`);
    await systemctl(host, 'daemon-reload');
    await systemctl(host, 'stop', '--', vm);
    expect(violations).toHaveLength(isStoppedBefore ? 0 : 1);
  }
});

test('two VMs with the same GPU at the same time are told', async () => {
  const { host, violations } = await machine();
  await systemctl(host, 'start', '--', vm);
  await host.write('/etc/vllmd/2.json', definition('0000:01:00.0'), file);
  await systemctl(host, 'start', '--', 'vllmd-runtime@2.service');
  expect(violations).toEqual([`vllmd-runtime@2.service and ${vm} both have 0000:01:00.0`]);
});

test('every start is another one, and an edit is seen only after a reload', async () => {
  const { host, units: states } = await machine();
  await systemctl(host, 'start', '--', vm);
  const first = states.get(vm)?.invocation;
  await systemctl(host, 'restart', '--', vm);
  expect(states.get(vm)?.invocation).not.toBe(first);
  await host.write(`${units}/${vm}.d/10-vllmd.conf`, '[Unit]\nDescription=x\n', file);
  const shown = async () => (await host.query(['systemctl', 'show', '--', vm])).stdout;
  expect(await shown()).toContain('NeedDaemonReload=yes');
  await systemctl(host, 'daemon-reload');
  expect(await shown()).toContain('NeedDaemonReload=no');
});

test('a mask keeps a unit from starting', async () => {
  const { host } = await machine();
  await host.link(`${units}/${vm}`, '/dev/null');
  expect(await systemctl(host, 'start', '--', vm)).toBe(1);
});

test('a copy of a machine goes its own way', async () => {
  const original = await machine();
  await systemctl(original.host, 'start', '--', vm);
  const copy = original.fork();
  await systemctl(copy.host, 'stop', '--', vm);
  copy.reboot();
  expect(original.units.get(vm)?.active).toBe('active');
  expect(original.entries.has('/run/vllmd/1/booted')).toBe(true);
});
