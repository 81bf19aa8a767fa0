import { existsSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import {
  buildKeys,
  fileKeys,
  keyGates,
  knownKeys,
  socketKeys,
} from '../../../src/core/vm/vm-config.gen.ts';
import { parseYaml } from '../../support/yaml-subset.ts';
import { documented } from './documented-differences.ts';
import { differences } from './schema-differences.ts';

const OPENAPI = '../shared/data/ch-openapi.yaml';
const schema = JSON.parse(readFileSync('schemas/cloud-hypervisor-vm-config.schema.json', 'utf8'));
const fits = new Ajv({ strict: false, allErrors: true }).compile(schema);

/** Two H100 on a large host. */
const example = {
  cpus: {
    boot_vcpus: 32,
    max_vcpus: 32,
    topology: { threads_per_core: 1, cores_per_die: 32, dies_per_package: 1, packages: 1 },
  },
  memory: {
    size: 274_877_906_944,
    shared: true,
    hugepages: true,
    hugepage_size: 1_073_741_824,
    reserve: true,
  },
  payload: { firmware: '/usr/share/cloud-hypervisor/CLOUDHV.fd' },
  disks: [
    { id: 'root', path: '/var/lib/vllmd/1/root.raw', image_type: 'Raw', num_queues: 4 },
    { id: 'seed', path: '/var/lib/vllmd/1/seed.img', image_type: 'Raw', readonly: true },
  ],
  net: [{ id: 'net0', tap: 'vllmd1', mac: '02:00:00:00:00:01', num_queues: 8 }],
  devices: [
    { id: 'gpu0', path: '/sys/bus/pci/devices/0000:41:00.0', x_nv_gpudirect_clique: 0 },
    { id: 'gpu1', path: '/sys/bus/pci/devices/0000:61:00.0', x_nv_gpudirect_clique: 0 },
  ],
  rng: { src: '/dev/urandom' },
  serial: { mode: 'Tty' },
  console: { mode: 'Off' },
  watchdog: false,
};

function faults(definition: unknown): readonly string[] {
  fits(definition);
  return (fits.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

describe('the schema of the VM definition', () => {
  test('takes a definition with GPUs, and one without anything', () => {
    expect(faults(example)).toEqual([]);
    expect(faults({})).toEqual([]);
  });

  test.for([
    ['at the top', { disk: [] }, ''],
    ['in an object', { memory: { size: 1, hugepage: true } }, '/memory'],
    ['in an element', { disks: [{ pth: '/a' }] }, '/disks/0'],
    [
      'deep inside',
      { payload: { fw_cfg_config: { items: { list: [] } } } },
      '/payload/fw_cfg_config/items',
    ],
  ] as const)('refuses a typo %s', ([, definition, at]) => {
    expect(faults(definition)).toEqual([`${at} must NOT have additional properties`]);
  });

  test.for([
    [{ cpus: { boot_vcpus: 1 } }, "/cpus must have required property 'max_vcpus'"],
    [{ memory: {} }, "/memory must have required property 'size'"],
    [{ numa: [{}] }, "/numa/0 must have required property 'guest_numa_id'"],
    [{ memory: { size: '1G' } }, '/memory/size must be integer'],
    [{ memory: { size: -1 } }, '/memory/size must be >= 0'],
    [{ disks: [{ queue_size: 65_536 }] }, '/disks/0/queue_size must be <= 65535'],
    [{ vsock: { cid: 2 ** 32, socket: '/a' } }, '/vsock/cid must be <= 4294967295'],
    [{ serial: { mode: 'tty' } }, '/serial/mode must be equal to one of the allowed values'],
    [{ disks: [{ path: null }] }, '/disks/0/path must be string'],
  ] as const)('refuses %j', ([definition, fault]) => {
    expect(faults(definition)).toEqual([fault]);
  });

  test('has a description for every object and key', () => {
    const objects = [schema, ...Object.values<typeof schema>(schema.definitions)];
    for (const object of objects) {
      expect(object).toMatchObject({ type: 'object', additionalProperties: false });
      for (const item of [object, ...Object.values<typeof schema>(object.properties)]) {
        expect(item.description).toMatch(/^\S[^\n]+$/);
      }
    }
  });
});

describe('what is generated from the schema', () => {
  test('knows every key by its path', () => {
    expect(knownKeys).toEqual(
      expect.arrayContaining(['disks', 'disks.*.path', 'memory.zones.*.id']),
    );
    expect(knownKeys.filter((key) => /^payload\./.test(key)).length).toBeGreaterThan(6);
    expect(knownKeys).toEqual([...new Set(knownKeys)].sort());
  });

  test('gates the topmost key only, and single values', () => {
    expect(keyGates).toMatchObject({
      'disks.*.image_type': '51',
      'disks.*.image_type=FlatVmdk': '54',
      'disks.*.backing_files': '50.1',
      'balloon.id': '53',
      'rng.pci_segment': '52',
      generic_vhost_user: '52',
      rtc: '53',
    });
    expect(
      Object.keys(keyGates).filter((key) => /^(?:rtc|generic_vhost_user)\./.test(key)),
    ).toEqual([]);
  });

  test('names the builds that keys need', () => {
    expect(Object.keys(buildKeys)).toEqual([
      'disks.*.disable_aio',
      'disks.*.disable_io_uring',
      'gdb',
      'ivshmem',
      'payload.fw_cfg_config',
      'payload.host_data',
      'payload.igvm',
      'platform.sev_snp',
      'platform.tdx',
      'pvmemcontrol',
    ]);
  });

  test('tells sockets from files', () => {
    expect(socketKeys).toEqual([
      'console.socket',
      'disks.*.vhost_socket',
      'fs.*.socket',
      'generic_vhost_user.*.socket',
      'net.*.vhost_socket',
      'serial.socket',
      'tpm.socket',
      'user_devices.*.socket',
      'vsock.socket',
    ]);
    expect(fileKeys).toContain('payload.firmware');
    expect(fileKeys.filter((key) => socketKeys.includes(key))).toEqual([]);
  });
});

test.skipIf(!existsSync(OPENAPI))(
  'agrees with the OpenAPI file of cloud-hypervisor but for known differences (skipped where ../shared/data is not there)',
  () => {
    const openapi = parseYaml(readFileSync(OPENAPI, 'utf8'));
    expect(differences(openapi, schema).toSorted()).toEqual(Object.keys(documented).toSorted());
  },
);
