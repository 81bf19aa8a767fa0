import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hostDocumentOf } from '../../../../src/core/hive/inventory/documents-of.ts';
import {
  type HostParts,
  type InventoryRuntime,
  inventoryOf,
} from '../../../../src/core/hive/inventory/inventory-of.ts';
import { readInventory } from '../../../../src/core/hive/inventory/read-inventory.ts';
import { readDocument } from '../../../../src/core/hive/read/read-document.ts';
import { type InstanceParts, llamaInstance } from '../../../support/llama-instance.ts';
import { optionTable } from '../../../support/llama-trees.ts';

const nothing: HostParts = { runtimes: [], isNat: false, llama: new Map(), instances: [] };

function runtime(index: number, parts: Partial<InventoryRuntime> = {}): InventoryRuntime {
  return {
    ...{ index, name: `r${index}`, gpus: [], address: `10.0.0.${index}`, llamaConfig: 'l.toml' },
    ...parts,
  };
}

function outside(parts: InstanceParts = {}) {
  return llamaInstance({ ...parts, server: { host: '0.0.0.0', ...parts.server } });
}

function llama(...instances: readonly InstanceParts[]): HostParts['llama'] {
  return new Map([['l.toml', instances.map(outside)]]);
}

test('a host without anything has an inventory without anything', () => {
  expect(inventoryOf(nothing)).toEqual({
    inventory: {
      host: {
        ...{ host_id: null, address: null, display_name: null },
        ...{ labels: {}, capabilities: {}, resources: {} },
      },
      ...{ services: [], assets: [] },
    },
    notes: [],
  });
});

test('the GPUs of all runtimes are resources of the host, by their PCI addresses', () => {
  const { inventory } = inventoryOf({
    ...nothing,
    runtimes: [
      runtime(2, { gpus: ['0000:01:00.0'], llamaConfig: '' }),
      runtime(1, { gpus: ['0000:03:00.0', '0000:02:00.0'], llamaConfig: '' }),
    ],
  });
  expect(inventory.host.resources).toEqual({
    gpus: [{ gpu_id: '0000:01:00.0' }, { gpu_id: '0000:02:00.0' }, { gpu_id: '0000:03:00.0' }],
  });
});

test('services of the host come first, and those of guests in the order of their index', () => {
  const { inventory, notes } = inventoryOf({
    ...nothing,
    isNat: true,
    runtimes: [runtime(2), runtime(1)],
    llama: llama({ name: 'chat' }, { name: 'embed', server: { embedding: true } }),
    instances: [outside({ name: 'z' })],
  });
  expect(inventory.services.map(({ name }) => name)).toEqual([
    'z',
    'r1.chat',
    'r1.embed',
    'r2.chat',
    'r2.embed',
  ]);
  expect(notes.at(-1)).toBe(
    'guests are behind the NAT of this host: only a registry on this host reaches them',
  );
});

test('a model that two guests have is one asset', () => {
  const { inventory, notes } = inventoryOf({
    ...nothing,
    runtimes: [runtime(1), runtime(2)],
    llama: llama({ name: 'chat' }),
  });
  expect(inventory.assets.map(({ asset_id }) => asset_id)).toEqual(['m']);
  expect(notes).toEqual([]);
});

test('of two models with one name the first is told of', () => {
  const { inventory, notes } = inventoryOf({
    ...nothing,
    instances: [
      outside({ name: 'a', server: { alias: 'x' } }),
      outside({ name: 'b', server: { alias: 'x', model: '/other.gguf' } }),
    ],
  });
  expect(inventory.assets.map(({ locator }) => locator.value)).toEqual(['/m.gguf']);
  expect(notes).toEqual([
    'x is two models: clients see one of them, and /other.gguf is not told of',
  ]);
});

test('of two services with one name the first stays', () => {
  const { inventory, notes } = inventoryOf({
    ...nothing,
    runtimes: [runtime(1, { name: 'r' })],
    llama: llama({ name: 'chat' }),
    instances: [outside({ name: 'r.chat' })],
  });
  expect(inventory.services.map(({ address }) => address)).toEqual([null]);
  expect(notes).toEqual(['r.chat is left out: another service is called so']);
});

test('a file of a guest that cannot be read is told of', () => {
  const { notes } = inventoryOf({ ...nothing, runtimes: [runtime(1)] });
  expect(notes).toEqual(['r1: what runs in it is not known, since l.toml cannot be read']);
});

test('whatever instances are, the documents of their inventory are those that the registry takes, and its agent takes the inventory', () => {
  const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,10}$/);
  const listens = fc.constantFrom(
    '',
    '0.0.0.0',
    '::',
    '::1',
    '10.0.0.7',
    '[fe80::1%a]',
    'a b',
    '?',
  );
  const parts = fc.record({ name, server: optionTable, host: listens, prefix: listens });
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 4 }), fc.boolean(), (all, isNat) => {
      const instances = all.flatMap(({ name: called, server, host, prefix }) => {
        try {
          const own = { ...server, host, api_prefix: prefix };
          return [llamaInstance({ name: `${called}-`, server: own })];
        } catch {
          return [];
        }
      });
      const { inventory } = inventoryOf({
        ...nothing,
        ...{ isNat, instances, runtimes: [runtime(1), runtime(2)] },
        llama: new Map([['l.toml', instances]]),
      });
      const document = hostDocumentOf(inventory, { hostId: 'h', address: 'host.test' });
      expect(readDocument('host', document)).toMatchObject({ ok: true });
      expect(readInventory(inventory)).toEqual({ ok: true, value: inventory });
      for (const asset of inventory.assets) {
        expect(readDocument('asset', asset)).toMatchObject({ ok: true, value: asset });
      }
    }),
  );
});
