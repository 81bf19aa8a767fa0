import { parseIpv4 } from '../config/ipv4.ts';
import { environmentOf } from '../facts/environment.ts';
import type { Assignment } from '../plan/action.ts';
import { bootedInputs } from '../plan/booted.ts';
import type { Manifest } from '../plan/manifest.ts';
import { isActive, isStarting, type Observed } from '../plan/observed.ts';
import { ETC_DIR, runtimeUnit } from '../resolve/layout.ts';
import { givenBy } from '../vm/given.ts';

/** What a guest is given. */
export type RuntimeValues = {
  readonly name: string;
  readonly gpus: readonly string[];
  /** In GiB: `32G`; '' where the definition does not say. */
  readonly memory: string;
  readonly memory_bytes: number | null;
  readonly cpus: number;
  /** The guest's memory is made of reserved huge pages. */
  readonly hugepages: boolean;
  /** IPv4 address of the guest, where vllmd gives it one. */
  readonly address: string | null;
  /** For leases of somebody else's DHCP; null for a guest without a network. */
  readonly mac: string | null;
};

type Texts = { readonly env: string; readonly vm: string };

/** What the VM that runs has; undefined where none runs, or where it has not said what it was started from. */
export function runningValues(
  index: number,
  { units, booted }: Pick<Observed, 'units' | 'booted'>,
): RuntimeValues | undefined {
  if (!isUp(index, units)) return undefined;
  const inputs = bootedInputs(index, booted.get(index) ?? []);
  if (inputs === undefined) return undefined;
  return valuesOf(inputs, givenBy(inputs.vm).gpus);
}

/** What the next start gives: from the files as they lie on the disk, which may be gone, and the record. */
export function nextValues(
  { index, gpus }: Assignment,
  manifest: Manifest,
  { entries }: Pick<Observed, 'entries'>,
): RuntimeValues {
  const textAt = (path: string) => {
    const entry = entries.get(path);
    return entry?.type === 'file' ? entry.text : '';
  };
  const definition = manifest.files.find(({ kind, group }) => kind === 'vm' && group === index);
  const env = textAt(`${ETC_DIR}/runtime-${index}.env`);
  return valuesOf({ env, vm: textAt(definition?.path ?? '') }, gpus);
}

/** There is a VM, be it on its way in or out. */
export function isUp(index: number, units: Observed['units']): boolean {
  const state = units.get(runtimeUnit(index));
  return isActive(state) || isStarting(state) || state?.activeState === 'deactivating';
}

function valuesOf({ env, vm }: Texts, gpus: readonly string[]): RuntimeValues {
  const values = environmentOf(env);
  const { cpus, memoryBytes, hasHugepages, mac } = givenBy(vm);
  return {
    name: values.get('VLLMD_RUNTIME_NAME') ?? '',
    gpus,
    memory: memoryBytes === undefined ? '' : `${memoryBytes / 2 ** 30}G`,
    memory_bytes: memoryBytes ?? null,
    cpus,
    hugepages: hasHugepages,
    address: addressIn(values.get('VLLMD_RUNTIME_ADDRESS')),
    mac: mac ?? null,
  };
}

/** The texts may be the service user's: what is no address is none. */
function addressIn(text = ''): string | null {
  return parseIpv4(text) === undefined ? null : text;
}
