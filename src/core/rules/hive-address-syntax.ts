import { problem } from '../config/problem.ts';
import { showValue } from '../config/show-value.ts';
import { entryOf } from '../config/toml-tree.ts';
import { isHostAddress } from '../hive/inventory/host-address.ts';
import type { Rule } from './rule.ts';

/** `hive.address` is the name or the IP address of a host, without a port. */
export const hiveAddressSyntax: Rule = {
  id: 'hive-address-syntax',
  check: ({ tree }) => {
    const address = entryOf(entryOf(tree, 'hive'), 'address');
    // What has another form is the schema's `bad-format`.
    if (typeof address !== 'string' || !/^[A-Za-z0-9:]/.test(address)) return [];
    if (isHostAddress(address)) return [];
    const text = `must be a name or an IP address, without a port, got ${showValue(address)}`;
    const help = 'each service has a port of its own; an IPv6 address stands without brackets';
    return [problem('hive-address-syntax', '/hive/address', text, help)];
  },
};
