import { configDefaults } from '../config/config-input.gen.ts';
import { problem } from '../config/problem.ts';
import { entryOf } from '../config/toml-tree.ts';
import { type Diagnostic, pointer, withNote } from '../diagnostic.ts';
import type { Draft } from './draft.ts';
import type { Rule } from './rule.ts';

const NAT_KEYS = ['subnet', 'name_servers'] as const;

/** `subnet` and `name_servers` go with the mode `nat` only; the mode `bridge` has a `bridge_name`. */
export const networkModeKeys: Rule = {
  id: 'network-mode-keys',
  check: (draft) => [...missingBridge(draft), ...keysOfNat(draft)],
};

function missingBridge({ network, tree }: Draft): readonly Diagnostic[] {
  const isNamed = entryOf(entryOf(tree, 'network'), 'bridge_name') !== undefined;
  if (network.mode !== 'bridge' || isNamed) return [];
  return [
    problem(
      'network-mode-keys',
      '/network/mode',
      `"bridge" needs bridge_name: without it the name is ${configDefaults.network.bridge_name}, a bridge of vllmd's own`,
      'add bridge_name = "NAME", a bridge that this host has already; `ip link show type bridge` lists them',
    ),
  ];
}

function keysOfNat({ network: { mode }, tree }: Draft): readonly Diagnostic[] {
  if (mode === 'nat') return [];
  const why =
    mode === 'bridge' ? 'the network of the bridge gives out addresses' : 'there is no network';
  return NAT_KEYS.filter((key) => entryOf(entryOf(tree, 'network'), key) !== undefined).map(
    (key) => {
      const text = `has no effect with mode = "${mode}": ${why}`;
      const help = 'remove it, or write mode = "nat"';
      const idle = problem('network-mode-keys', `/network${pointer(key)}`, text, help);
      return withNote(idle, '/network/mode', 'the mode is set here');
    },
  );
}
