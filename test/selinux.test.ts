import { expect, test } from 'vitest';
import { run } from '../src/cli/run.ts';
import type { Host } from '../src/host/host.ts';
import { FIXTURES } from './support/fixtures.ts';
import { describedHost, testWorld } from './support/world.ts';

const install = ['install', '--config', `${FIXTURES}contract-example/vllmd.toml`, '--settle', '0'];
const files = { '/sys/fs/selinux/enforce': '1' };

test('on a host with SELinux what was written gets its labels before systemd reads it', async () => {
  const host = describedHost({ files });
  const calls: (readonly string[])[] = [];
  const labelling: Host = {
    ...host,
    run: async (argv, timeoutMs) => {
      calls.push(argv);
      if (argv[0] === 'restorecon') return { exitCode: 0, stdout: '', stderr: '' };
      return host.run(argv, timeoutMs);
    },
  };
  expect(await run(install, testWorld(labelling))).toBe(0);
  expect(calls.map(([program]) => program).indexOf('restorecon')).toBe(0);
  expect(calls[0]).toContain('/etc/systemd/system/vllmd-runtime@.service');
  expect(calls[1]).toEqual(['systemctl', 'daemon-reload']);
});

test('where the labels cannot be given, everything is taken back', async () => {
  const host = describedHost({ files });
  const before = new Map(host.entries);
  const world = testWorld(host);
  expect(await run(install, world)).toBe(1);
  expect(world.err()).toContain('restorecon failed with exit code 127');
  expect(new Map(host.entries)).toEqual(before);
});

test('without SELinux nobody asks for restorecon', async () => {
  const host = describedHost();
  expect(await run(install, testWorld(host))).toBe(0);
  expect(host.commands.flat()).not.toContain('restorecon');
});

test('a read-only filesystem is found before anything is stopped', async () => {
  const mountinfo =
    '22 1 8:1 / / rw - ext4 /dev/sda1 rw\n30 22 8:2 / /etc ro - ext4 /dev/sda2 rw\n';
  const host = describedHost({ files: { '/proc/self/mountinfo': mountinfo } });
  const world = testWorld(host);
  expect(await run(install, world)).toBe(6);
  expect(world.err()).toContain(
    '/etc/systemd/system cannot be written to: /etc is mounted read-only',
  );
});
