import { formatIpv4, networkOf, parseCidr, sizeOf } from '../config/ipv4.ts';
import { problem } from '../config/problem.ts';
import { quoted } from '../config/show-value.ts';
import { pointer, withNote } from '../diagnostic.ts';
import type { RuntimeDraft } from './draft.ts';
import type { Rule } from './rule.ts';

/** The network's own address, the gateway and the broadcast address. */
const TAKEN = 3;

/** `subnet` has an address for every index: the gateway is host 1, the guest with index N is host N + 1. */
export const subnetFits: Rule = {
  id: 'subnet-fits',
  check: ({ network: { mode, subnet }, runtimes }) => {
    const cidr = parseCidr(subnet ?? '');
    const last = largest(runtimes);
    if (cidr === undefined || mode !== 'nat' || last === undefined) return [];
    const highest = sizeOf(cidr.prefixLength) - TAKEN;
    const { index = 0, label, pointer: at } = last;
    // What is no network gets its message from `subnet-syntax`.
    const isNetwork = networkOf(cidr) === cidr.address && highest > 0;
    if (!isNetwork || index <= highest) return [];
    const narrow = problem(
      'subnet-fits',
      '/network/subnet',
      `${quoted(subnet ?? '')} has no address for index ${index} of ${label}: it reaches index ${highest}`,
      `write "${wider(cidr.address, index)}", or give the runtime a smaller index`,
    );
    return [withNote(narrow, at + pointer('index'), 'this index has no address')];
  },
};

function largest(runtimes: readonly RuntimeDraft[]): RuntimeDraft | undefined {
  return runtimes.reduce<RuntimeDraft | undefined>(
    (most, runtime) => ((runtime.index ?? 0) > (most?.index ?? 0) ? runtime : most),
    undefined,
  );
}

/** The smallest network around the same address that has one for this index. */
function wider(address: number, index: number): string {
  const prefixLength = 32 - Math.ceil(Math.log2(index + TAKEN));
  return `${formatIpv4(networkOf({ address, prefixLength }))}/${prefixLength}`;
}
