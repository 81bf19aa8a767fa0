import { expect, test } from 'vitest';
import { presence, unitsShown } from '../../../src/core/recording/inferred.ts';
import type { Recording } from '../../../src/core/recording/recording.ts';

const nothing: Recording = {
  vllmdVersion: '1.2.3',
  isRoot: true,
  read: new Map(),
  list: new Map(),
  exists: new Map(),
  stat: new Map(),
  bytes: new Map(),
  exposure: new Map(),
  freeBytes: new Map(),
  query: new Map(),
};

test('what a recording says of a path follows from what was asked around it', () => {
  const recording: Recording = {
    ...nothing,
    read: new Map([
      ['/etc/there', { type: 'file', mode: 0o644, uid: 0, gid: 0 }],
      ['/etc/gone', { type: 'absent' }],
      ['/etc/hidden', { type: 'hidden' }],
      ['/etc/failed', { failed: 'EIO' }],
    ]),
    exists: new Map([
      ['/dev/kvm', true],
      ['/dev/net', false],
    ]),
    stat: new Map([['/srv/image', { type: 'file', ...numbers }]]),
    list: new Map([
      ['/sys/all', { names: ['a'], only: undefined }],
      ['/sys/unreadable', { names: undefined, only: undefined }],
      ['/sys/failed', { failed: 'EIO' }],
    ]),
  };
  const seen = (path: string) => presence(recording, path);
  expect(seen('/etc/there')).toBe('there');
  expect(seen('/etc/gone')).toBe('absent');
  expect(seen('/etc/gone/below/it')).toBe('absent');
  expect(seen('/etc/hidden')).toBe('unknown');
  expect(seen('/etc/failed')).toBe('unknown');
  expect(seen('/dev/kvm')).toBe('there');
  expect(seen('/dev/net/tun')).toBe('absent');
  expect(seen('/srv/image')).toBe('there');
  expect(seen('/sys/all/a')).toBe('there');
  expect(seen('/sys/all/b')).toBe('absent');
  expect(seen('/sys/all/b/c')).toBe('absent');
  expect(seen('/sys/all/a/c')).toBe('unknown');
  expect(seen('/sys/unreadable/a')).toBe('unknown');
  expect(seen('/sys/failed/a')).toBe('unknown');
  expect(seen('/')).toBe('unknown');
});

const numbers = { mode: 0o644, uid: 0, gid: 0, sizeBytes: 1, allocatedBytes: 1 };

test('units that were asked about with others are found among them, and are unknown else', () => {
  const show = (...units: readonly string[]) => [
    'systemctl',
    'show',
    '--property=Id',
    '--',
    ...units,
  ];
  const recording: Recording = {
    ...nothing,
    query: new Map([
      [
        JSON.stringify(show('a.service', 'b.service')),
        { exitCode: 0, stdout: 'Id=a.service\nActiveState=active\n\nId=b.service\n' },
      ],
      [JSON.stringify(show('c.service')), { failed: 'EIO' }],
      [JSON.stringify(show('d.service')), { exitCode: 1, stdout: undefined }],
      [JSON.stringify(['id']), { exitCode: 0, stdout: 'Id=e.service\n' }],
    ]),
  };
  const shown = (...units: readonly string[]) => unitsShown(recording, show(...units))?.stdout;
  expect(shown('b.service')).toBe('Id=b.service\n');
  expect(shown('b.service', 'a.service')).toBe(
    'Id=b.service\n\nId=a.service\nActiveState=active\n',
  );
  for (const unit of ['c.service', 'd.service', 'e.service']) expect(shown(unit)).toBeUndefined();
  expect(shown('a.service', 'e.service')).toBeUndefined();
  expect(unitsShown(recording, ['systemctl', 'list-units'])).toBeUndefined();
  expect(unitsShown(recording, ['id'])).toBeUndefined();
});
