import { byteLength, hasMoreBytes } from '../../byte-length.ts';
import { nearest } from '../../config/nearest.ts';
import { quoted, showValue } from '../../config/show-value.ts';
import { hasVfio, isMemoryShared } from '../facts-of.ts';
import { isSocketKey } from '../key-kinds.ts';
import { type Flaw, flaw, part, partRules, vmRule } from '../make-rule.ts';
import type { VmRule } from '../rule.ts';
import { type ChVersion, formatChVersion, isOlder, versionOf } from '../version.ts';
import { keyGates, knownKeys } from '../vm-config.gen.ts';
import { type Entry, walkKeys } from '../walk-keys.ts';

/** sun_path has 108 bytes, one of them for the NUL. */
const SOCKET_BYTES = 107;

const BODY_BYTES = 51_200;
const BODY_BYTES_FROM_54 = 4 * 2 ** 20;

const known: ReadonlySet<string> = new Set(knownKeys);
const gates: ReadonlyMap<string, string> = new Map(Object.entries(keyGates));
const vsock = partRules((vm) => part('/vsock', vm.vsock));

/** The definition as a request to the installed cloud-hypervisor. */
export const systemRules: readonly VmRule[] = [
  vmRule('R-SYS-1', (vm) =>
    walkKeys(vm)
      .filter(({ pattern }) => isSocketKey(pattern))
      .filter(({ value }) => hasMoreBytes(String(value), SOCKET_BYTES))
      .map(({ at, value }) =>
        flaw(
          at.slice(1),
          `${byteLength(String(value))} bytes; a socket path has at most 107`,
          'shorten the path',
        ),
      ),
  ),
  vsock(
    'R-SYS-2',
    ({ socket }, _vm, { probe }) =>
      probe.existingSockets?.has(socket) &&
      flaw('socket', `${quoted(socket)} is left over from an earlier run`, 'remove that file'),
  ),
  vmRule('R-SYS-3', (vm, { version }) => {
    const most = (version?.major ?? 0) < 54 ? BODY_BYTES : BODY_BYTES_FROM_54;
    const text = JSON.stringify(vm);
    return (
      hasMoreBytes(text, most) &&
      flaw(
        '',
        `${byteLength(text)} bytes of JSON; cloud-hypervisor reads ${most}`,
        'make it smaller',
      )
    );
  }),
  vmRule('R-SYS-4', (vm) => {
    // The walk that looks at everything is shared with other rules.
    if (walkKeys(vm).every(isKnown)) return [];
    return walkKeys(vm, isKnown)
      .filter((entry) => !isKnown(entry))
      .map(unknownKey);
  }),
  vmRule('R-SYS-5', (vm, { version }) => {
    if (version === undefined) return [];
    return walkKeys(vm, (entry) => !isNewer(gates.get(entry.pattern), version)).flatMap((entry) =>
      tooNew(entry, version),
    );
  }),
  vmRule(
    'R-SYS-6',
    (vm, { version }) =>
      version?.major === 52 &&
      version.minor === 0 &&
      !isMemoryShared(vm) &&
      flaw(
        'memory',
        'neither shared nor in hugepages: cloud-hypervisor 52.0 takes twice the memory',
        'update cloud-hypervisor to 53 or later',
      ),
  ),
  vmRule(
    'R-SYS-7',
    (vm, { probe }) =>
      hasVfio(vm) &&
      probe.isVfioLoaded === false &&
      flaw(
        'devices',
        'the vfio module is not loaded, so systemd drops DeviceAllow=char-vfio of the unit',
        'run `modprobe vfio-pci` before the unit starts',
      ),
  ),
];

function isKnown({ pattern }: Entry): boolean {
  return known.has(pattern);
}

function unknownKey({ at, pattern, key }: Entry): Flaw {
  const table = pattern.slice(0, pattern.length - key.length);
  const siblings = knownKeys
    .filter((candidate) => candidate.startsWith(table))
    .map((candidate) => candidate.slice(table.length))
    .filter((candidate) => !candidate.includes('.'));
  const guess = nearest(key, siblings);
  const help = guess === undefined ? 'leave it out' : `\`${guess}\` is a key here`;
  return flaw(at.slice(1), 'unknown key, which cloud-hypervisor silently ignores', help);
}

function isNewer(first: string | undefined, version: ChVersion): boolean {
  return first !== undefined && isOlder(version, versionOf(first));
}

function tooNew({ at, pattern, value }: Entry, version: ChVersion): readonly Flaw[] {
  const ofKey = gates.get(pattern);
  const ofValue = typeof value === 'string' ? gates.get(`${pattern}=${value}`) : undefined;
  const installed = formatChVersion(version);
  const help = 'update cloud-hypervisor, or leave the key out: this one does not know it';
  if (isNewer(ofKey, version)) {
    return [flaw(at.slice(1), `needs cloud-hypervisor ${ofKey}, found ${installed}`, help)];
  }
  return isNewer(ofValue, version)
    ? [
        flaw(
          at.slice(1),
          `${showValue(value)} needs cloud-hypervisor ${ofValue}, found ${installed}`,
          help,
        ),
      ]
    : [];
}
