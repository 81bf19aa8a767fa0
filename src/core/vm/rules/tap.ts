import { byteLength, hasMoreBytes } from '../../byte-length.ts';
import { quoted, showValue } from '../../config/show-value.ts';
import { type Flaw, flaw, partRules, parts } from '../make-rule.ts';
import type { TapProbe } from '../probe.ts';
import type { VmRule } from '../rule.ts';
import type { NetConfig } from '../vm-config.gen.ts';

/** IFNAMSIZ of Linux, less the NUL that ends the name. */
const NAME_BYTES = 15;

const MAC = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/i;
const MACS = ['mac', 'host_mac'] as const;
const NEED_ROOT = ['ip', 'mask', 'host_mac', 'mtu'] as const;

const net = partRules((vm) => parts('/net', vm.net));

/** Network cards and the taps behind them. */
export const tapRules: readonly VmRule[] = [
  net(
    'R-NET-1',
    ({ num_queues = 2 }) =>
      num_queues % 2 === 1 &&
      flaw('num_queues', `${num_queues} is odd; queues come in pairs`, 'use an even number'),
  ),
  net(
    'R-NET-2',
    ({ tap = '' }) =>
      hasMoreBytes(tap, NAME_BYTES) &&
      flaw(
        'tap',
        `${quoted(tap)} has ${byteLength(tap)} bytes; Linux allows 15`,
        'use a shorter name',
      ),
  ),
  net('R-NET-3', ({ tap, num_queues = 2 }, _vm, { probe }) => {
    const found = tap === undefined ? undefined : probe.taps?.get(tap);
    if (found === undefined || found.isMultiQueue === num_queues > 2) return [];
    const [has, wants] = found.isMultiQueue ? ['has', 'without'] : ['lacks', 'with'];
    return flaw(
      'num_queues',
      `${num_queues}, but the tap ${showValue(tap)} ${has} multi_queue`,
      `make the tap anew ${wants} multi_queue: restart the unit of the network`,
    );
  }),
  net('R-NET-4', ({ tap }, _vm, { probe: { taps, isPrivileged } }) => {
    if (tap === undefined || taps === undefined || isPrivileged) return [];
    const fault = tapFault(taps.get(tap));
    return fault === undefined
      ? []
      : flaw('tap', `${quoted(tap)} ${fault}, and the unit is not root`, 'look at `ip link show`');
  }),
  net('R-NET-5', ({ tap, fds, vhost_user }, _vm, { probe: { isPrivileged } }) => {
    const hasBackend = tap !== undefined || fds !== undefined || vhost_user;
    return (
      !hasBackend &&
      !isPrivileged &&
      flaw('tap', 'missing: cloud-hypervisor would make one and needs CAP_NET_ADMIN', 'name a tap')
    );
  }),
  net('R-NET-6', (value, _vm, { probe: { isPrivileged } }) =>
    isPrivileged ? [] : needRoot(value),
  ),
  net('R-NET-7', (value) =>
    MACS.flatMap((key) => {
      const mac = value[key];
      return mac === undefined || MAC.test(mac)
        ? []
        : [flaw(key, `${quoted(mac)} is no MAC address`, 'write it like 02:00:00:00:00:01')];
    }),
  ),
  net('R-NET-8', (value) =>
    MACS.flatMap((key) => {
      const mac = value[key];
      return mac === undefined || !isMulticast(mac)
        ? []
        : [flaw(key, `${quoted(mac)} is a multicast address`, 'start it with 02')];
    }),
  ),
];

function tapFault(tap: TapProbe | undefined): string | undefined {
  if (tap === undefined) return 'does not exist';
  return tap.isUp ? undefined : 'is down';
}

function needRoot(net: NetConfig): readonly Flaw[] {
  return NEED_ROOT.filter((key) => net[key] !== undefined).map((key) =>
    flaw(key, 'given, but only root may set it on a tap', 'leave it out: a unit sets up the tap'),
  );
}

function isMulticast(mac: string): boolean {
  return MAC.test(mac) && (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1;
}
