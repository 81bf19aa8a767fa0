import type { VmProbe } from '../../../../src/core/vm/probe.ts';
import type { RestoreConfig } from '../../../../src/core/vm/restore-config.ts';
import type { VmContext } from '../../../../src/core/vm/rule.ts';
import { parseChVersion } from '../../../../src/core/vm/version.ts';
import type { VmConfig } from '../../../../src/core/vm/vm-config.gen.ts';

export const GIB = 2 ** 30;
export const MIB = 2 ** 20;

/** What a case changes; the base breaks no rule. */
export type Side = {
  /** Values by path (`disks.0.path`); `undefined` removes the key. */
  readonly vm?: Readonly<Record<string, unknown>>;
  /** '' is: not known. */
  readonly version?: string;
  readonly architecture?: VmContext['architecture'];
  readonly probe?: VmProbe;
  readonly restore?: RestoreConfig;
  /** The rules that the side breaks besides. */
  readonly also?: readonly string[];
};

export type RuleCase = {
  readonly id: string;
  /** Ends the sentence that starts with the id. */
  readonly says: string;
  /** The pointers of the rule's problems. */
  readonly at: string | readonly string[];
  readonly breaks: Side;
  /** Just still allowed. */
  readonly allows: Side;
  readonly severity?: 'warning';
  /** Its definition does not fit the schema, on purpose. */
  readonly isMalformed?: true;
};

const base: VmConfig = {
  cpus: { boot_vcpus: 4, max_vcpus: 4 },
  memory: { size: 8 * GIB },
  payload: { firmware: '/usr/share/cloud-hypervisor/CLOUDHV.fd' },
  disks: [
    { id: 'root', path: '/var/lib/vllmd/1/root.raw', image_type: 'Raw' },
    { id: 'seed', path: '/var/lib/vllmd/1/seed.img', image_type: 'Raw', readonly: true },
  ],
  net: [{ id: 'net0', tap: 'vllmd1', mac: '02:00:00:00:00:01', num_queues: 2 }],
  rng: { src: '/dev/urandom' },
  serial: { mode: 'Tty' },
  console: { mode: 'Off' },
};

export const GPU_PATH = '/sys/bus/pci/devices/0000:41:00.0';

/** One GPU for the VM. */
export const gpu = { devices: [{ id: 'gpu0', path: GPU_PATH }] };

export function vmOf({ vm = {} }: Side): VmConfig {
  const changed = structuredClone(base);
  for (const [path, value] of Object.entries(vm)) setAt(changed, path.split('.'), value);
  return changed;
}

export function contextOf({
  version = '53.0',
  architecture = 'x86_64',
  probe,
  restore,
}: Side): VmContext {
  return {
    version: parseChVersion(`cloud-hypervisor v${version}`),
    architecture,
    probe: probe ?? {},
    ...(restore === undefined ? {} : { restore }),
  };
}

function setAt(target: object, path: readonly string[], value: unknown): void {
  const [key = '', ...rest] = path;
  const next = rest[0];
  if (next === undefined) {
    Reflect.set(target, key, value);
    return;
  }
  const empty = /^\d+$/.test(next) ? [] : {};
  if (Reflect.get(target, key) === undefined) Reflect.set(target, key, empty);
  setAt(Reflect.get(target, key), rest, value);
}
