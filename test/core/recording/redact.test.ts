import { expect, test } from 'vitest';
import { redactNames } from '../../../src/core/recording/redact.ts';
import { reduceRoutes } from '../../../src/core/recording/reduce-kernel.ts';

test('an interface that is called by its MAC address is in no listing and has no name in a route', () => {
  const names = ['enp1s0f0np0', 'enx0a1b2c3d4e5f', 'br-3f2a1b4c5d6e'];
  expect(redactNames('/sys/class/net', names).names).toEqual(['enp1s0f0np0']);
  const route = 'enx0a1b2c3d4e5f\t00000000\t010011AC\t0003\t0\t0\t100\t00000000\t0\t0\t0';
  const text = reduceRoutes(`Iface\tDestination\tGateway\n${route}\n`);
  expect(text).toContain('\nenxhidden\t00000000\t00000000\t0003');
});

test('a virtual GPU that is called by its UUID is in no listing', () => {
  const names = ['0000:01:00.4', 'aa618089-8b16-4d01-a136-25a0f3c73123', 'hugepages-1048576kB'];
  const kept = ['0000:01:00.4', 'hugepages-1048576kB'];
  expect(redactNames('/sys/bus/pci/devices/0000:01:00.0', names).names).toEqual(kept);
});
