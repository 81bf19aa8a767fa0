import { expect, test } from 'vitest';
import { parseListeners } from '../../../src/core/facts/listening.ts';

test('sockets that listen are told with their addresses, and no others', () => {
  const text = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1
   1: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2 1
   2: 0501A8C0:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 3 1
   3: 0100007F:1F92 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 4 1
   4: 00000000000000000000000000000000:1F93 00000000000000000000000000000000:0000 0A 0
   5: 00000000000000000000000001000000:1F94 00000000000000000000000000000000:0000 0A 0
   6: B80D01200000000000000000010000AF:1F95 00000000000000000000000000000000:0000 0A 0
not a line of it
`;
  expect(parseListeners(text)).toEqual([
    { host: '127.0.0.1', port: 8080 },
    { host: '0.0.0.0', port: 22 },
    { host: '192.168.1.5', port: 8081 },
    { host: '::', port: 8083 },
    { host: '::1', port: 8084 },
    { host: 'b80d01200000000000000000010000af', port: 8085 },
  ]);
  expect(parseListeners('')).toEqual([]);
});
