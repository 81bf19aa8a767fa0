import { expect, test } from 'vitest';
import { assumedAccount, findAccount, parseAccounts } from '../../../src/core/facts/accounts.ts';
import { parseCpuList } from '../../../src/core/facts/cpu-list.ts';
import { IMAGE_HEAD_BYTES, imageFormat } from '../../../src/core/facts/image-format.ts';
import { parseMemoryBytes } from '../../../src/core/facts/meminfo.ts';
import { parseBars } from '../../../src/core/facts/pci-attributes.ts';
import { parseRoutes } from '../../../src/core/facts/routes.ts';
import { parseSystemctlShow } from '../../../src/core/facts/systemctl-show.ts';

test.for([
  ['0\n', 1],
  ['0-63\n', 64],
  ['0-3,8,10-11\n', 7],
  ['\n', 0],
  ['x', undefined],
] as const)('a list of CPUs %j has %s of them', ([text, count]) => {
  expect(parseCpuList(text)?.length).toBe(count);
});

test('a window for which the kernel has found no place is none', () => {
  const placed = '0x00003c0000000000 0x00003c1fffffffff 0x000000000014220c';
  const unset = '0x0000000000000000 0x0000001fffffffff 0x000000002014220c';
  expect(parseBars(`${placed}\n${unset}\n`)).toEqual([{ sizeBytes: 2 ** 37, is64Bit: true }]);
});

test('the memory of a host is read in KiB and told in bytes', () => {
  expect(parseMemoryBytes('MemTotal:       2048 kB\nMemFree: 1 kB\n')).toBe(2 * 2 ** 20);
  expect(parseMemoryBytes('MemFree: 1 kB\n')).toBeUndefined();
});

test('an account has the name of its primary group, or its number where the group has none', () => {
  const passwd = 'a:x:1:2::/home/a:/bin/sh\nab:x:3:4::/srv/ab:\n';
  expect(findAccount(passwd, 'users:x:4:\n', 'ab')).toEqual({
    name: 'ab',
    group: 'users',
    uid: 3,
    gid: 4,
    home: '/srv/ab',
    known: true,
  });
  expect(findAccount(passwd, '', 'a')).toMatchObject({ group: '2' });
  expect(findAccount(passwd, '', 'b')).toBeUndefined();
  expect(findAccount('broken\n', '', 'broken')).toBeUndefined();
  expect(assumedAccount('b')).toMatchObject({ known: false, home: '/home/b' });
});

test('states of several units are read from one answer of systemctl', () => {
  const text =
    'Id=a.service\nLoadState=loaded\nActiveState=active\nSubState=running\nMainPID=7\n\n' +
    'Id=b@0000:01:00.0.service\n\nno such thing\n';
  const units = parseSystemctlShow(text);
  expect(units.get('a.service')).toEqual({
    loadState: 'loaded',
    activeState: 'active',
    subState: 'running',
    mainPid: 7,
  });
  expect(units.get('b@0000:01:00.0.service')).toEqual({
    loadState: 'unknown',
    activeState: 'unknown',
    subState: 'unknown',
    mainPid: 0,
  });
  expect(units.size).toBe(2);
});

test.for([
  [[0x51, 0x46, 0x49, 0xfb, 0, 0, 0, 3], 'qcow2'],
  [[...Buffer.from('vhdxfile')], 'vhdx'],
  [[...Buffer.from('KDMV')], 'vmdk'],
  [[...Buffer.from('# Disk DescriptorFile').subarray(0, IMAGE_HEAD_BYTES)], 'vmdk'],
  [[0x1f, 0x8b, 8], 'compressed'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], 'compressed'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'compressed'],
  [[0xeb, 0x63, 0x90], 'raw'],
  [[], 'raw'],
] as const)('an image that begins with %j is %s', ([bytes, format]) => {
  expect(imageFormat(Uint8Array.from(bytes))).toBe(format);
});

test('routes are told in CIDR form, without the default route and without lines that are none', () => {
  const header =
    'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT';
  const text = [
    header,
    'eth0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0',
    'eth0\t0001A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
    'docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0',
    'garbage',
    '',
  ].join('\n');
  expect(parseRoutes(text)).toEqual([
    { device: 'eth0', subnet: '192.168.1.0/24' },
    { device: 'docker0', subnet: '172.17.0.0/16' },
  ]);
});

test('the memory of a NUMA node is told like that of the host', () => {
  expect(parseMemoryBytes('Node 1 MemTotal:       2048 kB\n')).toBe(2 * 2 ** 20);
});

test.for(['home/a', '.', '/home/../etc', '/home/a/..', '/', '//', ''])(
  'takes an account with the home "%s" for one without',
  (home) => {
    const passwd = `a:x:1:2::${home}:\n`;
    expect(findAccount(passwd, '', 'a')).toMatchObject({ home: '/nonexistent' });
    expect(parseAccounts(passwd)).toEqual([{ name: 'a', uid: 1, home: '/nonexistent' }]);
  },
);

test('takes a home that is written oddly for what it is', () => {
  expect(parseAccounts('a:x:1:2:://home/./a/:\n')).toMatchObject([{ home: '/home/a' }]);
});
