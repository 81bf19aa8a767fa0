import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { expect } from 'vitest';
import { parse as parseYaml } from 'yaml';
import {
  type At,
  cpusOf,
  defaultOf,
  isConnected,
  memoryGib,
  PAGE_BYTES,
  payloadOf,
  schemaDefault,
  textAt,
} from './said.ts';

const fits = new Ajv({ strict: false, allErrors: true }).compile(
  JSON.parse(readFileSync('schemas/cloud-hypervisor-vm-config.schema.json', 'utf8')),
);

export function expectDefinition(at: At): void {
  const { input, runtime, resolved, paths, tree } = at;
  const { index } = runtime;
  const definition: unknown = JSON.parse(textAt(tree, `${paths.config}/runtime-${index}.vm.json`));
  fits(definition);
  expect(fits.errors ?? []).toEqual([]);
  const cpus = cpusOf(input, runtime);
  const pageBytes = PAGE_BYTES[input.memory?.hugepages ?? 'none'];
  const gpus = (runtime.gpus ?? []).map((gpu) => ({
    id: `gpu-${gpu}`,
    path: `/sys/bus/pci/devices/${gpu}`,
    ...(runtime.gpu_p2p === true ? { x_nv_gpudirect_clique: 0 } : {}),
  }));
  const net = {
    id: 'net0',
    tap: `vllmd-tap${index}`,
    mac: runtime.mac ?? resolved.mac,
    num_queues: 2 * Math.min(cpus, 4),
  };
  expect(definition).toEqual({
    cpus: {
      boot_vcpus: cpus,
      max_vcpus: cpus,
      topology: { threads_per_core: 1, cores_per_die: cpus, dies_per_package: 1, packages: 1 },
    },
    memory: {
      size: memoryGib(input, runtime) * 2 ** 30,
      ...(input.memory?.shared === true || pageBytes > 0 ? { shared: true } : {}),
      ...(pageBytes > 0 ? { hugepages: true, hugepage_size: pageBytes, reserve: true } : {}),
      ...(input.memory?.prefault === true ? { prefault: true } : {}),
    },
    payload: payloadOf(at),
    disks: [
      { id: 'root', path: `${paths.state}/runtime-${index}/disk.raw`, image_type: 'Raw' },
      {
        id: 'seed',
        path: `${paths.state}/runtime-${index}/seed.img`,
        image_type: 'Raw',
        readonly: true,
      },
    ],
    ...(isConnected(input) ? { net: [net] } : {}),
    ...(gpus.length === 0 ? {} : { devices: gpus }),
    platform: { serial_number: `vllmd-${index}`, uuid: resolved.uuid },
    rng: { src: '/dev/urandom' },
    watchdog: true,
    serial: { mode: 'Tty' },
    console: { mode: 'Off' },
  });
}

/** cloud-init reads YAML 1.1. */
function yamlOf(text: string): unknown {
  return parseYaml(text, { version: '1.1' });
}

export function expectSeed(
  { input, runtime, resolved, desired, paths, tree }: At,
  own: string,
): void {
  const directory = `${paths.state}/runtime-${runtime.index}/cloud-init`;
  const hostname = `${input.guest?.hostname_prefix ?? defaultOf('guest', 'hostname_prefix')}${runtime.index}`;
  expect(yamlOf(textAt(tree, `${directory}/meta-data`))).toEqual({
    'instance-id': `vllmd-${runtime.index}`,
    'local-hostname': hostname,
  });
  const vendorData = tree.get(`${directory}/vendor-data`);
  expect(vendorData?.startsWith('#cloud-boothook\n#!/bin/sh\n')).toBe(
    runtime.llama === undefined ? undefined : true,
  );
  const { ours, theirs } = partsOf(textAt(tree, `${directory}/user-data`));
  expect(theirs).toBe(own);
  const { user, ssh_authorized_keys: keys = [], packages = [] } = input.guest ?? {};
  const account = {
    name: user,
    shell: '/bin/bash',
    sudo: 'ALL=(ALL) NOPASSWD:ALL',
    lock_passwd: true,
    ssh_authorized_keys: keys,
  };
  expect(ours.startsWith('#cloud-config\n')).toBe(true);
  expect(yamlOf(ours)).toEqual({
    hostname,
    ...(user === undefined ? {} : { users: [account] }),
    ...(user === undefined && keys.length > 0 ? { ssh_authorized_keys: keys } : {}),
    ...(packages.length > 0 ? { package_update: true, packages } : {}),
  });
  const network = tree.get(`${directory}/network-config`);
  expect(network !== undefined).toBe(isConnected(input));
  if (network === undefined) return;
  const isNat = (input.network?.mode ?? 'nat') === 'nat';
  const servers = input.network?.name_servers ?? schemaDefault('network', 'name_servers');
  expect(yamlOf(network)).toEqual({
    version: 2,
    ethernets: {
      vllmd0: {
        match: { macaddress: runtime.mac ?? resolved.mac },
        ...(isNat
          ? {
              addresses: [`${resolved.address}/${desired.network.prefixLength}`],
              routes: [{ to: '0.0.0.0/0', via: desired.network.gateway }],
              nameservers: { addresses: servers },
            }
          : { dhcp4: true }),
      },
    },
  });
}

/** A message of two parts (RFC 2046), or ours alone. */
function partsOf(text: string): { readonly ours: string; readonly theirs: string } {
  const boundary = /^Content-Type: multipart\/mixed; boundary="([^"]+)"\n/.exec(text)?.[1];
  if (boundary === undefined) return { ours: text, theirs: '' };
  const [, first = '', second = '', end, ...more] = text.split(`\n--${boundary}`);
  expect({ end, more }).toEqual({ end: '--\n', more: [] });
  const [, ours = ''] = splitAt(first, '\n\n');
  if (/^\n(?:Content-Type: multipart|MIME-Version)/i.test(second))
    return { ours, theirs: second.slice(1) };
  const [headers, body] = splitAt(second, '\n\n');
  const isEncoded = headers.includes('Content-Transfer-Encoding: base64');
  return { ours, theirs: isEncoded ? Buffer.from(body, 'base64').toString() : body };
}

function splitAt(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator);
  return [text.slice(0, at), text.slice(at + separator.length)];
}
