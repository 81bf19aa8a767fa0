import type { NumaNode } from '../facts/numa.ts';
import { ranges } from '../placement/place.ts';
import type { Materials } from '../render/materials.ts';
import type { Account } from '../resolve/desired.ts';
import { hostLayer } from '../resolve/layer.ts';
import { deviceVariables } from './device-variables.ts';
import { fact } from './fact.ts';
import { llamaVariables } from './llama-variables.ts';
import type { Variable } from './variable.ts';

/** Every fact of the host that a rendering looks at. A test changes each file of a host and holds the lines against this. */
export function hostVariables(materials: Materials): readonly Variable[] {
  return [
    ...accountVariables(materials),
    machineVariable(materials),
    ...userDataVariable(materials),
    ...llamaVariables(materials),
    versionVariable(materials),
    ...addressBitsVariable(materials),
    ...materials.facts.numa.nodes.map((node) => nodeVariable(materials, node)),
    ...deviceVariables(materials),
    ...recordVariables(materials),
  ];
}

function accountVariables(materials: Materials): readonly Variable[] {
  const { account } = materials;
  const { name, home, group } = account;
  const note = noteOf(account);
  const other = (more: Partial<typeof account>) => ({
    ...materials,
    account: { ...account, ...more },
  });
  return [
    fact(
      {
        name: `home of ${name}`,
        what: `the home of ${name} is ${home}${note}`,
        where: `getent passwd ${name}`,
      },
      () => [other({ home: `${home}-explain` }), other({ home: '/explain/home' })],
    ),
    fact(
      {
        name: `group of ${name}`,
        what: `the group of ${name} is ${group}${note}`,
        where: `id -gn ${name}`,
      },
      () => [other({ group: `${group}-explain` })],
    ),
  ];
}

function noteOf({ known, isUntold = false }: Account): string {
  if (known) return '';
  const why = isUntold
    ? 'the recording does not tell of the account'
    : 'the account does not exist here';
  return `, as assumed for a preview: ${why}`;
}

/** machine-id(5): it is not to be shown to others. */
function machineVariable(materials: Materials): Variable {
  const { machineId } = materials;
  const what = machineId === '' ? 'the machine id cannot be read' : 'the id of this machine';
  return fact({ name: 'machine id', what, where: '/etc/machine-id' }, () => [
    { ...materials, machineId: `${machineId}0` },
  ]);
}

/** The key that names the file is sensitive, and its text can be. */
function userDataVariable(materials: Materials): readonly Variable[] {
  const { userData, input } = materials;
  if (input.guest?.user_data === undefined) return [];
  const texts = [
    `${userData}# explain\n`,
    '#!/bin/sh\n: explain\n',
    // Beyond ASCII it is written otherwise, and so is what looks like a border between parts.
    '#cloud-config\nruncmd: [é]\n# ==vllmd==\n',
    '',
  ];
  return [
    fact(
      {
        name: 'user data',
        what: 'the text of the file that guest.user_data names',
        where: 'guest.user_data',
      },
      () => texts.map((text) => ({ ...materials, userData: text })),
    ),
  ];
}

function versionVariable(materials: Materials): Variable {
  const { facts } = materials;
  const { cloudHypervisor } = facts;
  const own = cloudHypervisor?.trim().split('\n')[0];
  const isMissing = 'cloud-hypervisor is not installed, and taken to be the recommended version';
  const what = own === undefined ? isMissing : own || 'cloud-hypervisor does not say its version';
  const numbers = ['51.2', '52.0', '53.0', '54.0', '99.0'];
  return fact({ name: 'cloud-hypervisor', what, where: 'cloud-hypervisor --version' }, () =>
    [undefined, ...numbers.map((number) => `cloud-hypervisor v${number}.0`)].map((text) => ({
      ...materials,
      facts: { ...facts, cloudHypervisor: text },
    })),
  );
}

function addressBitsVariable(materials: Materials): readonly Variable[] {
  const { facts } = materials;
  const { pci } = facts;
  if (pci === undefined) return [];
  const what =
    pci.iommuAddressBits === undefined
      ? 'the IOMMU does not say how wide its addresses are'
      : `the IOMMU translates addresses of ${pci.iommuAddressBits} bits`;
  const where = '/sys/class/iommu/dmar*/intel-iommu/cap';
  return [
    fact({ name: 'IOMMU', what, where }, () =>
      [undefined, 36, 39, 48, 57].map((iommuAddressBits) => ({
        ...materials,
        facts: { ...facts, pci: { ...pci, iommuAddressBits } },
      })),
    ),
  ];
}

function nodeVariable(materials: Materials, node: NumaNode): Variable {
  const { facts } = materials;
  const { nodes } = facts.numa;
  const { id, cpus } = node;
  const withNodes = (all: readonly NumaNode[]) => ({
    ...materials,
    facts: { ...facts, numa: { ...facts.numa, nodes: all } },
  });
  const withCpus = (list: readonly number[]) =>
    withNodes(nodes.map((other) => (other.id === id ? { ...node, cpus: list } : other)));
  const what = `NUMA node ${id} has ${cpus.length === 0 ? 'no CPUs' : `CPUs ${ranges(cpus)}`}`;
  const where = `/sys/devices/system/node/node${id}/cpulist`;
  return fact(
    { name: `NUMA node ${id}`, what, where },
    () => [withCpus(cpus.slice(0, -1)), withCpus([]), withCpus([1000, 1001])],
    () => [withNodes(nodes.filter((other) => other.id !== id))],
  );
}

function recordVariables(materials: Materials): readonly Variable[] {
  const { recorded } = materials;
  return recorded.map((pin) => {
    const { address, identity, priorDriver, priorOverride } = pin;
    const instead = (more: Partial<typeof pin>) => ({
      ...materials,
      recorded: recorded.map((other) => (other === pin ? { ...pin, ...more } : other)),
    });
    const before = priorDriver === '' ? 'no driver' : `the driver ${priorDriver}`;
    const what = `the first install found ${identity} at ${address}, with ${before}`;
    return fact({ name: `record of ${address}`, what, where: hostLayer.record.manifest }, () => [
      instead({ identity: 'ffff:ffff:ffff:ffff' }),
      instead({ priorDriver: `${priorDriver}-explain` }),
      instead({ priorOverride: `${priorOverride}-explain` }),
      { ...materials, recorded: recorded.filter((other) => other !== pin) },
    ]);
  });
}
