import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { FakeHost } from './script.ts';

const FILE = '/run/systemd/system/vllmd-runtime@1.service.d/20-vllmd-devices.conf';

class AccessHost extends FakeHost {
  constructor(groups: Readonly<Record<string, string>>) {
    super();
    this.program('systemctl');
    for (const [address, group] of Object.entries(groups)) this.group(address, group);
  }

  group(address: string, group: string): void {
    this.link(`/sys/bus/pci/devices/${address}/iommu_group`, `/sys/kernel/iommu_groups/${group}`);
  }

  up(gpus: string, prefix: readonly string[] = []) {
    return this.run('device-access', ['1', 'up'], { VLLMD_RUNTIME_GPUS: gpus }, prefix);
  }
}

test('allows exactly the groups of the runtime, and has systemd read them when they are others', async () => {
  using host = new AccessHost({ '0000:01:00.0': '11', '0000:02:00.0': '12', '0000:03:00.0': '13' });
  expect(await host.up('0000:01:00.0,0000:03:00.0')).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(host.read(FILE).split('\n').slice(1)).toEqual([
    '[Service]',
    'DeviceAllow=/dev/vfio/vfio rw',
    'DeviceAllow=/dev/vfio/11 rw',
    'DeviceAllow=/dev/vfio/13 rw',
  ]);
  await host.up('0000:01:00.0,0000:03:00.0');
  expect(host.calls()).toEqual(['systemctl daemon-reload']);

  host.group('0000:01:00.0', '21');
  await host.up('0000:01:00.0,0000:03:00.0');
  expect(host.read(FILE)).toContain('/dev/vfio/21 rw');
  expect(host.calls()).toHaveLength(2);
});

test('lets the account of the VM look at the drop-ins beside it, whatever the umask is', async () => {
  using host = new AccessHost({ '0000:01:00.0': '11' });
  expect(await host.up('0000:01:00.0', ['sh', '-c', 'umask 077; exec "$@"', 'sh'])).toMatchObject({
    code: 0,
  });
  const modes = [dirname(FILE), FILE].map((path) => statSync(host.path(path)).mode & 0o777);
  expect(modes).toEqual([0o755, 0o644]);
});

test('takes all away from a runtime without a GPU', async () => {
  using host = new AccessHost({ '0000:01:00.0': '11' });
  await host.up('0000:01:00.0');
  expect((await host.up('')).code).toBe(0);
  expect(host.exists(FILE)).toBe(false);
  await host.up('');
  expect(host.calls()).toHaveLength(2);
});

test('fails when a GPU has no group', async () => {
  using host = new AccessHost({});
  const { code, stderr } = await host.up('0000:01:00.0');
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^vllmd: vllmd-runtime@1\.service: its device 0000:01:00\.0 has no IOMMU group; see: systemctl/,
  );
  expect(host.exists(FILE)).toBe(false);
});
