import { type Diagnostic, errorAt } from '../diagnostic.ts';
import type { Facts } from '../facts/facts.ts';
import type { PciDevice, PciFacts } from '../facts/pci.ts';
import { vmConfig } from '../kinds/runtime-vm/vm-config.ts';
import { unplaced } from '../placement/place.ts';
import type { VmProbe } from '../vm/probe.ts';
import { checkVm, checkVms } from '../vm/rules.ts';
import { parseChVersion } from '../vm/version.ts';
import type { PreflightInput } from './check.ts';

/** What `software.ts` says once for the host. */
export const saidElsewhere: ReadonlySet<string> = new Set(['G-12', 'R-SYS-6']);

/** What is read of a host that rules about definitions can use. */
type KnownOfHost = Pick<Facts, 'onlineCpus'> & { readonly pci?: KnownOfPci | undefined };

type KnownOfPci = Pick<PciFacts, 'iommuAddressBits' | 'physicalAddressBits'> & {
  readonly devices: ReadonlyMap<string, Pick<PciDevice, 'bars'>>;
};

/** What the rules can know before anything is changed; docs/rules/vm-definitions.md says what looks at the rest. */
export function probeOf({ onlineCpus, pci }: KnownOfHost): VmProbe {
  return {
    isPrivileged: false,
    ...(onlineCpus === undefined ? {} : { onlineCpus: new Set(onlineCpus) }),
    ...(pci === undefined ? {} : addressesOf(pci)),
  };
}

function addressesOf(pci: KnownOfPci): VmProbe {
  const { iommuAddressBits, physicalAddressBits, devices } = pci;
  return {
    ...(iommuAddressBits === undefined ? {} : { iommuAddressBits }),
    ...(physicalAddressBits === undefined ? {} : { physicalAddressBits }),
    pciDevices: new Map([...devices].map(([address, { bars }]) => [address, { bars }])),
  };
}

/** Every definition against what cloud-hypervisor takes, and all of them against each other. */
export function definitionChecks({
  desired,
  facts,
  placements,
}: PreflightInput): readonly Diagnostic[] {
  const version = parseChVersion(facts.cloudHypervisor ?? '');
  const context = { version, architecture: 'x86_64', probe: probeOf(facts) } as const;
  const addressBits = facts.pci?.iommuAddressBits;
  const vms = desired.runtimes.map((runtime) => {
    const placement = placements.get(runtime.index) ?? unplaced;
    return {
      index: runtime.index,
      vm: vmConfig(desired, runtime, { placement, version, addressBits }),
    };
  });
  const sources = new Map(desired.runtimes.map(({ index, source }) => [index, source]));
  const single = vms.flatMap(({ index, vm }) =>
    checkVm(vm, context).map((problem) => ({ index, ...problem })),
  );
  return [...single, ...checkVms(vms, context)]
    .filter(({ rule }) => !saidElsewhere.has(rule))
    .map(({ index, rule, at, message, help, severity }) => ({
      ...errorAt(
        rule,
        sources.get(index) ?? '',
        `runtime ${index}: its VM definition, ${at === '' ? '/' : at}: ${message}`,
        help,
      ),
      severity,
    }));
}
