import { expect, test } from 'vitest';
import { configDefaults } from '../../../src/core/config/config-input.gen.ts';
import { assumedAccount } from '../../../src/core/facts/accounts.ts';
import {
  cidrOf,
  hostAddress,
  macAddress,
  macAddressOfHost,
  machineUuid,
  subnetFor,
} from '../../../src/core/resolve/addresses.ts';
import { defaults } from '../../../src/core/resolve/defaults.ts';
import { resolve } from '../../../src/core/resolve/resolve.ts';

const account = assumedAccount('llm');

test('the defaults of the program are those of the schema', () => {
  const { global, boot, storage, guest, memory, vfio, network, host, runtimes } = configDefaults;
  expect(defaults).toEqual({
    stateDir: global.state_dir,
    configDir: global.config_dir,
    memoryGib: global.default_memory_gb,
    cpus: global.default_cpus,
    firmware: boot.firmware,
    commandLine: boot.cmdline,
    baseImage: storage.base_image,
    diskGib: storage.disk_gb,
    hostnamePrefix: guest.hostname_prefix,
    hugepages: memory.hugepages,
    numa: memory.numa,
    onRelease: vfio.on_release,
    identityLock: vfio.identity_lock,
    networkMode: network.mode,
    bridgeName: network.bridge_name,
    nameServers: network.name_servers,
    kernelCommandLine: host.kernel_cmdline,
    autostart: runtimes.autostart,
    restart: runtimes.restart,
  });
});

test('paths belong to the home of the service user', () => {
  const desired = resolve(
    {
      global: {
        user: 'llm',
        state_dir: '$'.concat('{XDG_STATE_HOME}//x/./'),
        config_dir: '~/c/$USER',
      },
    },
    account,
    '',
  );
  expect(desired.stateDir).toBe('/home/llm/.local/state/x');
  expect(desired.configDir).toBe('/home/llm/c/llm');
});

test('what a runtime does not say comes from [global], and then from the defaults', () => {
  const [a, b] = resolve(
    {
      global: { user: 'llm', default_cpus: 2 },
      runtimes: [
        { index: 2, name: 'b', cpus: 9 },
        { index: 1, name: 'a', memory_gb: 3 },
      ],
    },
    account,
    '',
  ).runtimes;
  expect(a).toMatchObject({
    index: 1,
    cpus: 2,
    memoryGib: 3,
    networkQueues: 4,
    source: '/runtimes/1',
  });
  expect(b).toMatchObject({
    index: 2,
    cpus: 9,
    memoryGib: 16,
    networkQueues: 8,
    source: '/runtimes/0',
  });
});

test('addresses follow from the index and stay distinct up to the largest one', () => {
  const subnet = subnetFor([65533]);
  expect([1, 254, 255, 65533].map((index) => hostAddress(subnet, index + 1))).toEqual([
    '10.77.0.2',
    '10.77.0.255',
    '10.77.1.0',
    '10.77.255.254',
  ]);
  expect([1, 65533].map(macAddress)).toEqual(['02:76:6c:00:00:01', '02:76:6c:00:ff:fd']);
});

test.for([
  [[], 24],
  [[253], 24],
  [[254], 23],
  [[65533], 16],
] as const)('the subnet for indices %j has %s bits', ([indices, prefixLength]) => {
  expect(subnetFor(indices).prefixLength).toBe(prefixLength);
});

test('a subnet of the config is taken as it is, also above 128.0.0.0', () => {
  const subnet = subnetFor([1], '192.168.7.0/26');
  expect(cidrOf(subnet)).toBe('192.168.7.0/26');
  expect(hostAddress(subnet, 62)).toBe('192.168.7.62');
});

test('MAC addresses and UUIDs that others may see are of one machine and one index alone', () => {
  const seen = ['a', 'b'].flatMap((machine) =>
    [1, 2].flatMap((index) => [macAddressOfHost(machine, index), machineUuid(machine, index)]),
  );
  expect(new Set(seen).size).toBe(8);
  expect(macAddressOfHost('a', 1)).toMatch(/^02(:[0-9a-f]{2}){5}$/);
  expect(machineUuid('a', 1)).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  expect(machineUuid('a', 1)).toBe(machineUuid('a', 1));
});

const boots = [
  [{}, {}, { type: 'firmware', firmware: '/var/lib/vllmd/images/CLOUDHV.fd' }],
  [{ firmware: '~/f' }, {}, { type: 'firmware', firmware: '/home/llm/f' }],
  [
    { kernel: '/k', initramfs: '/i' },
    {},
    { kernel: '/k', initramfs: '/i', commandLine: 'console=ttyS0 root=/dev/vda1 rw' },
  ],
  [{ kernel: '/k', initramfs: '/i' }, { kernel: '/own' }, { kernel: '/own', initramfs: '' }],
  [{ kernel: '/k', cmdline: 'a' }, { cmdline: 'b' }, { kernel: '/k', commandLine: 'b' }],
  [{ kernel: '/k' }, { firmware: '/own' }, { type: 'firmware', firmware: '/own' }],
  [{ kernel: '/k', initramfs: '/i' }, { initramfs: '/own' }, { kernel: '/k', initramfs: '/own' }],
] as const;

test.for(boots)('with [boot] %j and a runtime of %j it starts %j', ([boot, own, payload]) => {
  const { runtimes } = resolve(
    {
      schema_version: 2,
      global: { user: 'llm' },
      boot,
      runtimes: [{ index: 1, name: 'a', ...own }],
    },
    account,
    '',
  );
  expect(runtimes[0]?.payload).toMatchObject(payload);
});

test.for([
  ['nat', 'vllmd-tap3', '10.77.0.4', /^02:76:6c:00:00:03$/],
  ['bridge', 'vllmd-tap3', '', /^02:(?!76:6c)/],
  ['none', '', '', /^02:76:6c:00:00:03$/],
] as const)('in mode %s the tap is %j and the address %j', ([mode, tap, address, mac]) => {
  const { runtimes } = resolve(
    { global: { user: 'llm' }, network: { mode }, runtimes: [{ index: 3, name: 'a' }] },
    account,
    'machine',
  );
  expect(runtimes[0]).toMatchObject({ tap, address, mac: expect.stringMatching(mac) });
});
