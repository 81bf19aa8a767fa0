import { quoted } from '../../config/show-value.ts';
import { hugepageUses, vfioDevices } from '../facts-of.ts';
import { isSocketKey } from '../key-kinds.ts';
import { flaw, parts, problemAt } from '../make-rule.ts';
import type { HostProblem, HostRule, NamedVm, VmContext } from '../rule.ts';
import type { VmConfig } from '../vm-config.gen.ts';
import { walkKeys } from '../walk-keys.ts';
import { pagesBySize } from './hugepages.ts';

/** Something of which a host has one. */
type Claim = {
  /** Pointer without its first slash. */
  readonly key: string;
  readonly name: string | number;
  /** For the message; the name itself unless given. */
  readonly shown?: string;
  /** Where an earlier VM has this too, another rule says it. */
  readonly unless?: string;
};

/** What VMs of one host cannot share; cloud-hypervisor sees one VM only. */
export const hostRules: readonly HostRule[] = [
  unshared('H-1', 'MAC address', 'give each card its own MAC address', (vm) =>
    parts('net', vm.net).flatMap(({ at, value: { mac } }) =>
      mac === undefined ? [] : [{ key: `${at}/mac`, name: mac.toLowerCase() }],
    ),
  ),
  unshared('H-2', 'tap', 'give each card its own tap', (vm) =>
    parts('net', vm.net).flatMap(({ at, value: { tap } }) =>
      tap === undefined ? [] : [{ key: `${at}/tap`, name: tap }],
    ),
  ),
  unshared('H-3', 'vsock cid', 'give each VM its own cid', ({ vsock }) =>
    vsock === undefined ? [] : [{ key: 'vsock/cid', name: vsock.cid }],
  ),
  unshared('H-4', 'socket', 'give each VM its own socket', (vm) =>
    walkKeys(vm)
      .filter(({ pattern }) => isSocketKey(pattern))
      .map(({ at, value }) => ({ key: at.slice(1), name: String(value) })),
  ),
  unshared('H-5', 'PCI device', 'give each device to one runtime', (vm) =>
    vfioDevices(vm).map(({ at, address }) => ({ key: `${at.slice(1)}/path`, name: address })),
  ),
  {
    id: 'H-6',
    check: (vms, context) =>
      shared('H-6', 'IOMMU group', 'give all devices of a group to one runtime', vms, (vm) =>
        groupClaims(vm, context),
      ),
  },
  {
    id: 'H-7',
    check: (vms) => {
      const writable = new Set(vms.flatMap(({ vm }) => writablePaths(vm)));
      return shared('H-7', 'disk', 'set readonly in both, or copy the image', vms, (vm) =>
        parts('disks', vm.disks).flatMap(({ at, value: { path } }) =>
          path === undefined || !writable.has(path) ? [] : [{ key: `${at}/path`, name: path }],
        ),
      );
    },
  },
  {
    id: 'H-8',
    check: (vms, { probe: { hugepages } }) => {
      if (hugepages === undefined) return [];
      const uses = vms.flatMap(({ vm }) => hugepageUses(vm));
      return [...pagesBySize(uses)].flatMap(([pageBytes, pages]) => {
        const has = hugepages.get(pageBytes) ?? 0;
        return pages <= has
          ? []
          : tooMany(
              vms,
              pageBytes,
              `${pages} hugepages of ${pageBytes} bytes, the host has ${has}`,
            );
      });
    },
  },
];

function unshared(
  id: string,
  what: string,
  help: string,
  claimsOf: (vm: VmConfig) => readonly Claim[],
): HostRule {
  return { id, check: (vms) => shared(id, what, help, vms, claimsOf) };
}

/** Each claim that an earlier VM makes too. */
function shared(
  id: string,
  what: string,
  help: string,
  vms: readonly NamedVm[],
  claimsOf: (vm: VmConfig) => readonly Claim[],
): readonly HostProblem[] {
  const owners = new Map<string | number, number>();
  const said = new Set<string>();
  return vms.flatMap(({ index, vm }) => {
    const claims = claimsOf(vm);
    const found = claims.flatMap(({ key, name, shown, unless }) => {
      const owner = owners.get(name);
      if (owner === undefined || (unless !== undefined && said.has(unless))) return [];
      const value = shown ?? (typeof name === 'string' ? quoted(name) : String(name));
      const text = `${what} ${value} is already used by runtime ${owner}`;
      return [{ ...problemAt(id, '', flaw(key, text, help), 'error'), index }];
    });
    for (const { name, unless } of claims) {
      owners.set(name, owners.get(name) ?? index);
      if (unless !== undefined) said.add(unless);
    }
    return found;
  });
}

/** One device in two VMs is the business of H-5. */
function groupClaims(vm: VmConfig, { probe }: VmContext): readonly Claim[] {
  return vfioDevices(vm).flatMap(({ at, address }) => {
    const group = probe.pciDevices?.get(address)?.iommuGroup;
    const key = `${at.slice(1)}/path`;
    const shown = `${group} (${address})`;
    return group === undefined ? [] : [{ key, name: group, shown, unless: address }];
  });
}

function writablePaths(vm: VmConfig): readonly string[] {
  return (vm.disks ?? []).flatMap(({ path, readonly }) =>
    path === undefined || readonly ? [] : [path],
  );
}

/** At every VM that has pages of this size. */
function tooMany(
  vms: readonly NamedVm[],
  pageBytes: number,
  state: string,
): readonly HostProblem[] {
  const help = 'reserve more hugepages on the host, or give the VMs less RAM';
  return vms
    .filter(({ vm }) => hugepageUses(vm).some((use) => use.pageBytes === pageBytes))
    .map(({ index }) => ({
      ...problemAt('H-8', '', flaw('memory', `all VMs together need ${state}`, help), 'error'),
      index,
    }));
}
