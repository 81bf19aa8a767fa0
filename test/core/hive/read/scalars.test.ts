import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readEndpoint } from '../../../../src/core/hive/read/endpoint.ts';
import { readTime } from '../../../../src/core/hive/read/time.ts';

test.each([
  ['http://127.0.0.1:9', 'http://127.0.0.1:9'],
  ['https://h.example/base//', 'https://h.example/base'],
  ['HTTP://h/a@b', 'HTTP://h/a@b'],
  ['http://[2001:db8::1]:8000/', 'http://[2001:db8::1]:8000'],
  ['http://[::1]', 'http://[::1]'],
  ['http://[fec0::1]', 'http://[fec0::1]'],
  ['http://[1:2:3:4:5:6:7:8]', 'http://[1:2:3:4:5:6:7:8]'],
  ['http://169.253.255.255', 'http://169.253.255.255'],
])('%s is an endpoint', (text, endpoint) => {
  expect(readEndpoint(text)).toEqual({ ok: true, value: endpoint });
});

test.each([
  ...['ftp://h', 'h:80', 'http:/h', 'http:h', 'http:///h', '', ' http://h', 'http://h\\a'],
  ...['http://u@h', 'http://u:p@h', 'http://@h', 'http://h?', 'http://h/?q=1', 'http://h/#f'],
  ...['http://h:99999', 'http://a b', 'http://h/\ta', 'http://[::1', 'http://%00/'],
])('%j is no endpoint', (text) => {
  expect(readEndpoint(text)).toMatchObject({ ok: false, type: 'value_error' });
});

test.each([
  ...['169.254.169.254', '169.254.0.1', '2852039166', '0xa9fea9fe', '0251.0376.0251.0376'],
  ...['169.254.43518', '0xa9.254.169.254', '169.254.169.254.', '[fe80::1]', '[febf::1]'],
  ...['[::ffff:169.254.169.254]', '[::ffff:a9fe:a9fe]', '[::169.254.169.254]'],
  ...['[::ffff:0:169.254.169.254]', '[64:ff9b::169.254.169.254]', '[2002:a9fe:a9fe::]'],
  ...['[fd00:ec2::254]', '100.100.100.200', '168.63.129.16', '192.0.0.192'],
  ...['metadata.google.internal', 'METADATA.google.internal.', 'metadata'],
])('no endpoint is at %s, where clouds give away keys', (host) => {
  expect(readEndpoint(`http://${host}:80/`)).toMatchObject({
    ...{ ok: false, type: 'value_error' },
    msg: 'Input should not be a link-local address or a metadata service of a cloud',
  });
});

test('a time in ISO-8601 is the moment that it names', () => {
  const days = { min: new Date('0001-01-02T00:00:00Z'), max: new Date('9999-12-30T00:00:00Z') };
  const zones = fc.constantFrom('Z', '+00:00', '+09:00', '-03:30', '+14:00');
  fc.assert(
    fc.property(fc.date({ ...days, noInvalidDate: true }), zones, (date, zone) => {
      const text = date.toISOString().replace('Z', zone);
      const read = readTime(text);
      expect(read).toEqual({ ok: true, value: expect.closeTo(Date.parse(text) / 1000, 3) });
    }),
  );
});

test.each([
  ['1970-01-01T00:00Z', 0],
  ['2024-02-29t23:59:59,5z', 1709251199.5],
  ['2000-02-29 00:00:00+0000', 951782400],
  ['2026-04-05T15:30:00+09', 1775370600],
  [' 12.5 ', 12.5],
  ['-3', -3],
  [7, 7],
])('%j is a time', (written, seconds) => {
  expect(readTime(written)).toEqual({ ok: true, value: seconds });
});

test.each([
  ['2026-04-05T15:30:00', 'timezone_aware'],
  ['2026-04-05', 'timezone_aware'],
  ['2023-02-29T00:00:00Z', 'datetime_parsing'],
  ['1900-02-29T00:00:00Z', 'datetime_parsing'],
  ['2026-04-31T00:00:00Z', 'datetime_parsing'],
  ['2026-13-01T00:00:00Z', 'datetime_parsing'],
  ['2026-00-01T00:00:00Z', 'datetime_parsing'],
  ['2026-01-00T00:00:00Z', 'datetime_parsing'],
  ['2026-01-01T24:00:00Z', 'datetime_parsing'],
  ['2026-01-01T00:60:00Z', 'datetime_parsing'],
  ['2026-01-01T00:00:60Z', 'datetime_parsing'],
  ['2026-01-01T00:00:00+24:00', 'datetime_parsing'],
  ['2026-01-01T00:00:00+00:60', 'datetime_parsing'],
  ['yesterday', 'datetime_parsing'],
  ['1e400', 'finite_number'],
  [Number.NaN, 'finite_number'],
  [true, 'float_type'],
  [null, 'float_type'],
])('%j is no time', (written, type) => {
  expect(readTime(written)).toMatchObject({ ok: false, type });
});
