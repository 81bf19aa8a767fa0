import { expect, test } from 'vitest';
import { run } from '../src/cli/run.ts';
import type { MemoryHost } from '../src/host/memory-host.ts';
import { describedHost, type HostDescription, testWorld } from './support/world.ts';

/** Runs vllmd on a host in memory with this text as its config. */
async function vllmd(host: MemoryHost, argv: readonly string[], config = '') {
  const bytes = new TextEncoder().encode(config);
  const world = testWorld(host, { readConfigFile: () => ({ kind: 'bytes', bytes }) });
  const before = host.commands.length;
  const code = await run([...argv, ...(config === '' ? [] : ['--config', 'vllmd.toml'])], world);
  const calls = host.commands.slice(before).map((command) => command.slice(1).join(' '));
  return { code, out: world.out(), err: world.err(), calls };
}

const GPU = 'gpus = ["0000:01:00.0"]';

function config(runtimes: readonly string[], rest = ''): string {
  const tables = runtimes.map(
    (text, at) => `[[runtimes]]\nindex = ${at + 1}\nname = "r${at + 1}"\n${text}\n`,
  );
  return `schema_version = 2\n${rest}\n[global]\nuser = "sdake"\n${tables.join('')}`;
}

async function installed(text: string, description: HostDescription = {}): Promise<MemoryHost> {
  const host = describedHost(description);
  const { code, err } = await vllmd(host, ['install'], text);
  expect(err).not.toContain('error');
  expect(code).toBe(0);
  return host;
}

const starts = (calls: readonly string[]) =>
  calls.filter((call) => /^(start|restart|reload|stop) /.test(call));

test('a runtime without autostart is installed, and neither started nor enabled', async () => {
  const host = describedHost();
  const { calls } = await vllmd(host, ['install'], config(['autostart = false', '']));
  expect(calls).not.toContain('start -- vllmd-runtime@1.service');
  expect(calls).toContain('start -- vllmd-runtime@2.service');
  const wants = '/etc/systemd/system/vllmd.target.wants/vllmd-runtime@';
  expect(host.entries.has(`${wants}1.service`)).toBe(false);
  expect(host.entries.has(`${wants}2.service`)).toBe(true);
});

test('a changed runtime with restart = "manual" goes on running, and the plan says what is pending', async () => {
  const host = await installed(config(['restart = "manual"']));
  const changed = config(['restart = "manual"\nmemory_gb = 8']);
  for (const _ of ['the first time', 'and again']) {
    const { calls, out } = await vllmd(host, ['install'], changed);
    expect(starts(calls)).toEqual([]);
    expect(out).toContain('NOT restarting (pending): its new definition waits');
  }
});

test('a GPU that goes to another runtime is checked between the stop of one and the start of the other', async () => {
  const host = await installed(config([GPU, '']));
  const { calls, out } = await vllmd(host, ['install'], config(['', GPU]));
  expect(starts(calls)).toEqual([
    'stop -- vllmd-runtime@1.service',
    'start -- vllmd-runtime@1.service',
    'reload -- vllmd-vfio@0000:01:00.0.service',
    'restart -- vllmd-runtime@2.service',
  ]);
  expect(out).toContain('runtime 1 gives it up; it is checked before it is used again');
});

test('a GPU that nobody uses any more is let go after its runtime has stopped', async () => {
  const host = await installed(config([GPU], '[vfio]\non_release = "restore-driver"'));
  const { calls } = await vllmd(
    host,
    ['install'],
    config([''], '[vfio]\non_release = "restore-driver"'),
  );
  expect(starts(calls)).toEqual([
    'stop -- vllmd-runtime@1.service',
    'stop -- vllmd-vfio@0000:01:00.0.service',
    'start -- vllmd-runtime@1.service',
  ]);
});

test('other terms for a GPU are made known to its unit without letting it go', async () => {
  const host = await installed(config([GPU]));
  const { calls } = await vllmd(
    host,
    ['install'],
    config([`${GPU}\ncpus = 2`], '[vfio]\non_release = "restore-driver"'),
  );
  expect(starts(calls)).toEqual([
    'reload -- vllmd-vfio@0000:01:00.0.service',
    'restart -- vllmd-runtime@1.service',
  ]);
});

const pages = (size: string) => `[memory]\nhugepages = "${size}"`;
const numa = [{ cpus: '0-63', memoryGib: 512 }];

test('hugepages are reserved before the runtimes start, grow under running ones, and go with the key', async () => {
  const host = describedHost({ numa });
  const first = await vllmd(host, ['install'], config([''], pages('1G')));
  const calls = starts(first.calls);
  expect(calls.indexOf('start -- vllmd-hugepages.service')).toBeLessThan(
    calls.indexOf('start -- vllmd-runtime@1.service'),
  );
  const more = await vllmd(host, ['install'], config(['', ''], pages('1G')));
  expect(starts(more.calls)).toEqual([
    'reload -- vllmd-hugepages.service',
    'start -- vllmd-runtime@2.service',
  ]);
  const without = await vllmd(host, ['install'], config(['', '']));
  expect(starts(without.calls)[0]).toBe('stop -- vllmd-hugepages.service');
  expect(host.entries.has('/etc/systemd/system/vllmd-hugepages.service')).toBe(false);
});

test('when the network goes, the runtimes let go of its bridge first', async () => {
  const host = await installed(config(['']));
  const { calls } = await vllmd(host, ['install'], config([''], '[network]\nmode = "none"'));
  expect(starts(calls)).toEqual([
    'stop -- vllmd-runtime@1.service',
    'stop -- vllmd-network.service',
    'start -- vllmd-runtime@1.service',
  ]);
  expect(host.entries.has('/etc/vllmd/libexec/network')).toBe(false);
  expect(host.entries.has('/etc/systemd/system/vllmd-network.service')).toBe(false);
});

test('a runtime with prevent_removal stays until the config has said otherwise once', async () => {
  const host = await installed(config(['', 'prevent_removal = true']));
  const refused = await vllmd(host, ['install'], config(['']));
  expect(refused.code).toBe(6);
  expect(refused.err).toContain('error[prevent-removal]');
  expect(refused.calls).toEqual([]);
  await vllmd(host, ['install'], config(['', '']));
  expect((await vllmd(host, ['install'], config(['']))).code).toBe(0);
});

const secret =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBMv5p1h1rNyHn2o0YhvB0f0zXn9m1hQ9r3qk2mO4aXk ops@x';

test.for([
  ['keys', `[guest]\nssh_authorized_keys = ["${secret}"]`, secret],
  ['a file of user data', '[guest]\nuser_data = "/srv/ud"', 'hunter2'],
] as const)(
  'what [guest] gives as %s is in the seed, 0600, and in no report',
  async ([, rest, text]) => {
    const host = describedHost({ files: { '/srv/ud': '#!/bin/sh\nhunter2 = password\n' } });
    const path = '/home/sdake/.local/state/vllmd-hypervisor/runtime-1/cloud-init/user-data';
    for (const argv of [
      ['install', '--dry-run'],
      ['install', '--dry-run', '--json'],
      ['install'],
    ]) {
      const { out, err } = await vllmd(host, argv, config([''], rest));
      expect(out).toContain(path);
      expect(out + err).not.toContain(text);
    }
    expect(host.entries.get(path)).toMatchObject({
      mode: 0o600,
      uid: 1000,
      text: expect.stringContaining(text),
    });
    const removal = await vllmd(host, ['uninstall', '--dry-run']);
    expect(removal.out).toContain('(sensitive, ');
    expect(removal.out).not.toContain(text);
  },
);

test('what a device was before it was taken is recorded once, and stays as it was first seen', async () => {
  const gpu = {
    address: '0000:01:00.0',
    id: '10de:2330',
    class: '030200',
    group: 10,
    reset: 'flr',
  };
  const host = await installed(config([GPU]), { pci: [{ ...gpu, driver: 'nvidia' }] });
  const env = '/etc/vllmd/vfio-0000:01:00.0.env';
  const first = host.entries.get(env);
  expect(first).toMatchObject({
    text: expect.stringContaining('VLLMD_VFIO_PRIOR=0000:01:00.0=nvidia\n'),
  });
  const manifest = host.entries.get('/var/lib/vllmd/install/manifest.json');
  const bound = describedHost({ pci: [{ ...gpu, driver: 'vfio-pci' }] });
  for (const [path, entry] of host.entries) {
    if (!path.startsWith('/sys/')) await copyTo(bound, path, entry);
  }
  expect(manifest).toBeDefined();
  const { out } = await vllmd(bound, ['install', '--dry-run'], config([GPU]));
  expect(out).not.toContain(env);
});

async function copyTo(host: MemoryHost, path: string, entry: unknown): Promise<void> {
  if (host.entries.has(path) || typeof entry !== 'object' || entry === null) return;
  const { type, text, mode, uid, gid, target } = Object(entry);
  if (type === 'directory') await host.mkdir(path, { mode, uid, gid });
  if (type === 'file') await host.write(path, text, { mode, uid, gid });
  if (type === 'link') await host.link(path, target);
}

test('disk reset says what it deletes, and does it only when it is told to', async () => {
  const disk = '/home/sdake/.local/state/vllmd-hypervisor/runtime-1/disk.raw';
  const host = await installed(config(['']));
  await host.write(disk, 'data', { mode: 0o600, uid: 1000, gid: 1000 });
  for (const [argv, code] of [
    [['disk', 'reset', '1'], 64],
    [['disk', 'reset', '1', '--dry-run'], 0],
  ] as const) {
    const looked = await vllmd(host, argv);
    expect(looked.code).toBe(code);
    expect(looked.out).toContain(`delete ${disk}`);
    expect(looked.calls).toEqual([]);
  }
  const { code, calls } = await vllmd(host, ['disk', 'reset', '1', '--yes']);
  expect(code).toBe(0);
  expect(starts(calls)).toEqual([
    'stop -- vllmd-runtime@1.service',
    'start -- vllmd-runtime@1.service',
  ]);
  expect(host.entries.has(disk)).toBe(false);
});

test('disk reset leaves a stopped runtime stopped', async () => {
  const host = await installed(config(['autostart = false']));
  const { code, calls, out } = await vllmd(host, ['disk', 'reset', '1', '--yes']);
  expect(code).toBe(0);
  expect(calls).toEqual([]);
  expect(out).toContain('the next start of vllmd-runtime@1.service makes a new disk from');
});

test('disk reset deletes nothing where no new disk could be made', async () => {
  const host = await installed(config(['']));
  await host.remove('/var/lib/vllmd/images/base.raw');
  const { code, err, calls } = await vllmd(host, ['disk', 'reset', '1', '--yes']);
  expect([code, calls]).toEqual([6, []]);
  expect(err).toContain('/var/lib/vllmd/images/base.raw does not exist');
  expect((await vllmd(host, ['disk', 'reset', '7', '--yes'])).err).toContain('no runtime 7');
  await host.write('/var/lib/vllmd/images/base.raw', 'vhdxfile', { mode: 0o644, uid: 0, gid: 0 });
  const other = await vllmd(host, ['disk', 'reset', '1', '--yes']);
  expect([other.code, other.err]).toEqual([6, expect.stringContaining('is no raw disk image')]);
});

test('disk reset deletes nothing where a new disk would not fit', async () => {
  const host = await installed(config(['']), {
    files: { '/var/lib/vllmd/images/base.raw': 'x' },
  });
  const full = { ...host, freeBytes: async () => 0 };
  const { code, err, calls } = await vllmd(full, ['disk', 'reset', '1', '--yes']);
  expect([code, calls]).toEqual([6, []]);
  expect(err).toContain('too little room for a copy');
});

test('with the IOMMU off the kernel parameters can be written first, without starting anything', async () => {
  const host = describedHost({ iommu: false });
  const wanted = config([GPU], '[host]\nkernel_cmdline = "grub"');
  const refused = await vllmd(host, ['install'], wanted);
  expect(refused.code).toBe(6);
  expect(refused.err).toContain('`sudo vllmd install --no-start` writes the parameters');
  const { code, err } = await vllmd(host, ['install', '--no-start'], wanted);
  expect([code, err]).toEqual([0, expect.stringContaining('warning[iommu-on]')]);
  expect(host.entries.get('/etc/default/grub.d/vllmd.cfg')).toMatchObject({
    text: expect.stringContaining('intel_iommu=on iommu=pt'),
  });
});

test('no file of GRUB is written where the kernel needs no parameter', async () => {
  const host = await installed(config([''], '[host]\nkernel_cmdline = "grub"'));
  expect(host.entries.has('/etc/default/grub.d/vllmd.cfg')).toBe(false);
});

test('disk reset works where the state directory was moved', async () => {
  const host = await installed(config(['autostart = false']));
  const { out } = await vllmd(
    host,
    ['install'],
    config(['autostart = false']).replace('user =', 'state_dir = "/srv/a dir"\nuser ='),
  );
  expect(out).toContain('/srv/a dir');
  const disk = '/srv/a dir/runtime-1/disk.raw';
  await host.write(disk, 'data', { mode: 0o600, uid: 1000, gid: 1000 });
  expect((await vllmd(host, ['disk', 'reset', '1', '--dry-run'])).out).toContain(`delete ${disk}`);
});

test('a changed subnet is said not to reach guests that have booted', async () => {
  const host = await installed(config(['']));
  const { out } = await vllmd(
    host,
    ['install', '--dry-run'],
    config([''], '[network]\nsubnet = "10.9.0.0/24"'),
  );
  expect(out).toContain('addresses at its first boot only: change them inside as well');
});

test('new terms for a GPU reach its unit also when its runtime goes on', async () => {
  const host = await installed(config([GPU]));
  const terms = '[vfio]\nallow_group_members = ["0000:02:00.0"]';
  const { calls } = await vllmd(host, ['install'], config([GPU], terms));
  expect(starts(calls)).toEqual(['reload -- vllmd-vfio@0000:01:00.0.service']);
});

test('without the identity lock any device is taken that is there at the next boot', async () => {
  const host = await installed(config([GPU], '[vfio]\nidentity_lock = false'));
  expect(host.entries.get('/etc/vllmd/vfio-0000:01:00.0.env')).toMatchObject({
    text: expect.stringContaining('VLLMD_VFIO_IDENTITY=\n'),
  });
});

test('a GPU that stays on vfio-pci keeps the driver of before in the record', async () => {
  const pci = [
    { address: '0000:01:00.0', id: '10de:2330', class: '030200', group: 10, driver: 'nvidia' },
  ];
  const host = await installed(config([GPU]), { pci });
  await vllmd(host, ['install'], config(['']));
  expect(host.entries.get('/var/lib/vllmd/install/manifest.json')).toMatchObject({
    text: expect.stringContaining('"priorDriver":"nvidia"'),
  });
});

test('a reservation of pages that cannot grow takes back the runtime that needs them, and no other', async () => {
  const host = await installed(config([''], pages('2M')), { numa });
  let isFirst = true;
  const stubborn = {
    ...host,
    run: async (argv: readonly string[], timeoutMs: number) => {
      const result = await host.run(argv, timeoutMs);
      if (argv[1] !== 'reload' || !isFirst) return result;
      isFirst = false;
      return { ...result, exitCode: 1 };
    },
  };
  const { code, calls } = await vllmd(stubborn, ['install'], config(['', ''], pages('2M')));
  expect(code).toBe(4);
  expect(starts(calls)).toEqual([
    'reload -- vllmd-hugepages.service',
    'reload -- vllmd-hugepages.service',
  ]);
  expect(host.entries.has('/etc/vllmd/runtime-2.env')).toBe(false);
  const again = await vllmd(host, ['install', '--dry-run'], config(['', ''], pages('2M')));
  expect(again.out).toContain('reload vllmd-hugepages.service');
});

test('pages of 1 GiB that are not reserved at boot are a warning with numbers', async () => {
  const host = describedHost({ numa });
  const { err } = await vllmd(host, ['install', '--dry-run'], config([''], pages('1G')));
  expect(err).toContain('the host has 0 pages of 1 GiB reserved, 16 are needed');
});

test.for([
  ['keys', `[guest]\nssh_authorized_keys = ["${secret}"]`, secret],
  ['a file of user data', '[guest]\nuser_data = "/srv/ud"', 'hunter2'],
] as const)('%s that [guest] no longer has appear in no report either', async ([, rest, text]) => {
  const host = describedHost({ files: { '/srv/ud': '#!/bin/sh\nhunter2 = password\n' } });
  await vllmd(host, ['install'], config([''], rest));
  const manifest = '/var/lib/vllmd/install/manifest.json';
  for (const argv of [
    ['install', '--dry-run'],
    ['install', '--dry-run', '--json'],
  ]) {
    const { out, err } = await vllmd(host, argv, config(['']));
    expect(out).toContain('cloud-init/user-data');
    expect(out + err).not.toContain(text);
  }
  await host.remove(manifest);
  const { out, err } = await vllmd(host, ['install', '--dry-run'], config(['']));
  expect(out + err).not.toContain(text);
});

test('a key that is taken away is said to be in the guest still', async () => {
  const host = await installed(config([''], `[guest]\nssh_authorized_keys = ["${secret}"]`));
  const { out, calls } = await vllmd(host, ['install'], config(['']));
  expect(out).toContain('a guest reads users, keys, packages and addresses at its first boot only');
  expect(starts(calls)).toEqual([]);
});

test('another base image restarts no runtime that has its disk', async () => {
  const host = await installed(config(['']), { files: { '/srv/new.raw': 'x' } });
  const { out, calls } = await vllmd(
    host,
    ['install'],
    config([''], '[storage]\nbase_image = "/srv/new.raw"'),
  );
  expect(starts(calls)).toEqual([]);
  expect(out).toContain('its disk stays the copy of the old base image');
});

test('VMs give their memory back before it is made into other pages', async () => {
  const host = await installed(config(['', 'restart = "manual"'], pages('2M')), { numa });
  const { calls } = await vllmd(host, ['install'], config(['', 'restart = "manual"'], pages('1G')));
  expect(starts(calls)).toEqual([
    'stop -- vllmd-runtime@1.service',
    'reload -- vllmd-hugepages.service',
    'start -- vllmd-runtime@1.service',
  ]);
});

test('a runtime with restart = "manual" is said to lose its network with the bridge', async () => {
  const host = await installed(config(['restart = "manual"']));
  const { out, calls } = await vllmd(
    host,
    ['install'],
    config(['restart = "manual"'], '[network]\nbridge_name = "other"'),
  );
  expect(starts(calls)).toEqual(['restart -- vllmd-network.service']);
  expect(out).toContain('until then it may be without its network');
});

test('disk reset deletes nothing where the service user may not read the base image', async () => {
  const host = await installed(config(['']));
  const image = '/var/lib/vllmd/images/base.raw';
  await host.write(image, 'x', { mode: 0o600, uid: 0, gid: 0 });
  const { code, err, calls } = await vllmd(host, ['disk', 'reset', '1', '--yes']);
  expect([code, calls]).toEqual([6, []]);
  expect(err).toContain(`sdake may not read the base image ${image}`);
});
