import { expect, test } from 'vitest';
import { assumedAccount, findAccount } from '../../../src/core/facts/accounts.ts';
import { countCpuList } from '../../../src/core/facts/cpu-list.ts';
import { parseMemoryBytes } from '../../../src/core/facts/meminfo.ts';
import { parseSystemctlShow } from '../../../src/core/facts/systemctl-show.ts';

test.for([
  ['0\n', 1],
  ['0-63\n', 64],
  ['0-3,8,10-11\n', 7],
  ['', undefined],
  ['x', undefined],
] as const)('a list of CPUs %j has %s of them', ([text, count]) => {
  expect(countCpuList(text)).toBe(count);
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
