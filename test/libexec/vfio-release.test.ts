import { expect, test } from 'vitest';
import { type FakeDevice, PciHost } from './pci.ts';

const GPU = '0000:01:00.0';
const AUDIO = '0000:01:00.1';
const gpu: FakeDevice = { address: GPU, group: '11', driver: 'vfio-pci', native: 'nouveau' };
const audio: FakeDevice = { ...gpu, address: AUDIO, classCode: '0x040300' };
const restore = { VLLMD_VFIO_ON_RELEASE: 'restore-driver' };

/** The node is given to root, which only root can do. */
function release(host: PciHost, env: Readonly<Record<string, string>>, address = GPU) {
  host.program('chown');
  return host.run('vfio-release', [address], env);
}

test('gives the drivers back that were there before, by name', async () => {
  using host = new PciHost([gpu, audio]);
  host.driver('nvidia');
  host.driver('nouveau');
  host.driver('snd_hda_intel');
  const prior = `${GPU}=nvidia ${AUDIO}=snd_hda_intel`;
  expect(await release(host, { ...restore, VLLMD_VFIO_PRIOR: prior })).toEqual({
    code: 0,
    stdout: '',
    stderr: '',
  });
  expect([host.driverOf(GPU), host.driverOf(AUDIO)]).toEqual(['nvidia', 'snd_hda_intel']);
  expect(host.overrideOf(GPU)).toBe('');
  expect(host.calls()).toContain(`chown -- root:root /dev/vfio/11`);
});

test('keeps what had no driver without one, and what was on vfio-pci there', async () => {
  using host = new PciHost([gpu, audio]);
  const { code } = await release(host, {
    ...restore,
    VLLMD_VFIO_PRIOR: `${GPU}=none ${AUDIO}=vfio-pci`,
  });
  expect(code).toBe(0);
  expect(host.driverOf(GPU)).toBeUndefined();
  expect(host.overrideOf(GPU)).toBe('');
  expect(host.driverOf(AUDIO)).toBe('vfio-pci');
  expect(host.log).toEqual([`unbind ${GPU}`]);
});

test('loads the driver where it is not', async () => {
  using host = new PciHost([gpu]);
  const { stderr } = await release(host, { ...restore, VLLMD_VFIO_PRIOR: `${GPU}=nvidia` });
  expect(host.calls()).toContain('modprobe nvidia');
  expect(stderr).toMatch(/its former driver nvidia did not take it back, it has none/);
  expect(host.overrideOf(GPU)).toBe('');
});

test('leaves the device bound unless the config asks for its driver', async () => {
  using host = new PciHost([gpu]);
  const env = { VLLMD_VFIO_ON_RELEASE: 'keep-vfio', VLLMD_VFIO_PRIOR: `${GPU}=nvidia` };
  expect((await release(host, env)).code).toBe(0);
  expect(host.log).toEqual([]);
  expect(host.calls()).toContain(`chown -- root:root /dev/vfio/11`);
});

test('does nothing at shutdown, nor for a device that is gone', async () => {
  using host = new PciHost([gpu]);
  host.program('systemctl', 'echo stopping; exit 1');
  const env = { ...restore, VLLMD_VFIO_PRIOR: `${GPU}=nvidia` };
  expect((await release(host, env)).code).toBe(0);
  expect((await release(host, env, '0000:09:00.0')).code).toBe(0);
  expect(host.calls().some((call) => call.startsWith('chown'))).toBe(false);
});

test('does nothing while another unit needs the group', async () => {
  using host = new PciHost([gpu, { ...gpu, address: '0000:02:00.0' }]);
  host.program(
    'systemctl',
    'case $* in *0000:02:00.0*) exit 0 ;; is-system*) echo running ;; *) exit 3 ;; esac',
  );
  const env = { ...restore, VLLMD_VFIO_PRIOR: `${GPU}=nvidia` };
  expect((await release(host, env)).code).toBe(0);
  expect(host.log).toEqual([]);
  expect(host.calls().some((call) => call.startsWith('chown'))).toBe(false);
});

test('does not take a device from a process that has it open', async () => {
  using host = new PciHost([gpu, audio]);
  host.driver('snd_hda_intel');
  host.process(700, 'cloud-hyperviso', '/dev/vfio/11', 'vllmd-runtime@1.service');
  const { code, stderr } = await release(host, { ...restore, VLLMD_VFIO_PRIOR: `${GPU}=nvidia` });
  expect(code).toBe(1);
  expect(stderr).toBe(
    `vllmd: ${GPU}: it stays on vfio-pci: it is in use by cloud-hyperviso (process 700; systemctl stop vllmd-runtime@1.service)\n`,
  );
  expect(host.log).toEqual([]);
});
