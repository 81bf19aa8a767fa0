import { isPciAddress } from '../config/pci-address.ts';

/** What a VM definition gives to its guest. */
export type Given = {
  /** PCI addresses of what VFIO passes on. */
  readonly gpus: readonly string[];
  /** At boot; 0 where the definition does not say. */
  readonly cpus: number;
  readonly memoryBytes: number | undefined;
  readonly hasHugepages: boolean;
  /** Of its first interface. */
  readonly mac: string | undefined;
};

const nothing: Given = {
  gpus: [],
  cpus: 0,
  memoryBytes: undefined,
  hasHugepages: false,
  mac: undefined,
};

/** The text may be anybody's: what is not as vllmd writes it is taken as not said. */
export function givenBy(definition: string): Given {
  let vm: unknown;
  try {
    vm = JSON.parse(definition);
  } catch {
    return nothing;
  }
  const memory = at(vm, 'memory');
  const zones = listAt(memory, 'zones');
  return {
    gpus: listAt(vm, 'devices').flatMap((device) => addressIn(at(device, 'path'))),
    cpus: numberAt(at(vm, 'cpus'), 'boot_vcpus') ?? 0,
    memoryBytes: sum([memory, ...zones].map((part) => numberAt(part, 'size'))),
    hasHugepages: [memory, ...zones].some((part) => at(part, 'hugepages') === true),
    mac: textAt(listAt(vm, 'net')[0], 'mac'),
  };
}

function addressIn(path: unknown): readonly string[] {
  const [, address = ''] = /^\/sys\/bus\/pci\/devices\/([^/]+)\/?$/.exec(String(path)) ?? [];
  return isPciAddress(address) ? [address] : [];
}

function sum(sizes: readonly (number | undefined)[]): number | undefined {
  return sizes.reduce((all, size) =>
    all === undefined || size === undefined ? undefined : all + size,
  );
}

function at(value: unknown, key: string): unknown {
  return value instanceof Object
    ? Object.entries(value).find(([name]) => name === key)?.[1]
    : undefined;
}

function listAt(value: unknown, key: string): readonly unknown[] {
  const list = at(value, key);
  return Array.isArray(list) ? list : [];
}

function numberAt(value: unknown, key: string): number | undefined {
  const number = at(value, key);
  return Number.isSafeInteger(number) && Number(number) >= 0 ? Number(number) : undefined;
}

function textAt(value: unknown, key: string): string | undefined {
  const text = at(value, key);
  return typeof text === 'string' ? text : undefined;
}
