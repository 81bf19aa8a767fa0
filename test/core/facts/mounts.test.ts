import { expect, test } from 'vitest';
import { mountOf, parseMounts } from '../../../src/core/facts/mounts.ts';

const mountinfo = `22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro
30 22 8:2 / /etc ro,relatime shared:2 - ext4 /dev/sda2 rw
31 22 8:3 / /var/lib rw,relatime shared:3 - ext4 /dev/sda3 ro
32 22 8:4 / /srv/a\\040b ro - ext4 /dev/sda4 rw
33 22 8:4 / /srv/a\\040b rw - tmpfs tmpfs rw
`;

test('a mount is read-only where the mount or its filesystem is', () => {
  const mounts = parseMounts(mountinfo);
  const isReadOnly = (path: string) => mountOf(path, mounts)?.isReadOnly;
  expect(isReadOnly('/etc/systemd/system')).toBe(true);
  expect(isReadOnly('/var/lib/vllmd')).toBe(true);
  expect(isReadOnly('/etcetera')).toBe(false);
});

test('what is mounted last at a place counts', () => {
  expect(mountOf('/srv/a b/c', parseMounts(mountinfo))).toEqual({
    point: '/srv/a b',
    isReadOnly: false,
  });
});

test('of a host that does not say what is mounted nothing is known', () => {
  expect(mountOf('/etc', parseMounts(''))).toBeUndefined();
});
