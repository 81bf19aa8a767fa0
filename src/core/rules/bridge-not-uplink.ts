import { configDefaults } from '../config/config-input.gen.ts';
import { problem } from '../config/problem.ts';
import { quoted } from '../config/show-value.ts';
import { withNote } from '../diagnostic.ts';
import type { Rule } from './rule.ts';

/** The bridge of the runtimes is not the interface that leads outside. */
export const bridgeNotUplink: Rule = {
  id: 'bridge-not-uplink',
  check: ({ network: { mode, defaultInterface, bridgeName } }) => {
    const bridge = bridgeName ?? configDefaults.network.bridge_name;
    if (mode === 'none' || defaultInterface !== bridge) return [];
    const isDefault = bridgeName === undefined;
    // Without a name the mode `bridge` is what is wrong: `network-mode-keys`.
    if (mode === 'bridge' && isDefault) return [];
    const at = isDefault ? '/network/default_interface' : '/network/bridge_name';
    const other = isDefault ? 'bridge_name (by default)' : 'default_interface';
    const help =
      mode === 'bridge'
        ? 'with mode = "bridge" the bridge itself leads outside: remove default_interface'
        : 'vllmd makes the bridge; the uplink exists already';
    const text = `${quoted(bridge)} is also network.${other}`;
    const clash = problem('bridge-not-uplink', at, text, help);
    return [
      isDefault ? clash : withNote(clash, '/network/default_interface', 'the uplink is named here'),
    ];
  },
};
