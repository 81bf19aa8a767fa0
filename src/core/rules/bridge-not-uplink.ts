import { configDefaults } from '../config/config-input.gen.ts';
import { keyName, quoted } from '../config/show-value.ts';
import { errorAt } from '../diagnostic.ts';
import type { Rule } from './rule.ts';

/** The bridge of the runtimes is not the interface that leads outside. */
export const bridgeNotUplink: Rule = {
  id: 'bridge-not-uplink',
  check: ({ defaultInterface, bridgeName }) => {
    const bridge = bridgeName ?? configDefaults.network.bridge_name;
    if (defaultInterface !== bridge) return [];
    const at = bridgeName === undefined ? '/network/default_interface' : '/network/bridge_name';
    const other = bridgeName === undefined ? 'bridge_name (by default)' : 'default_interface';
    const text = `${keyName(at)}: ${quoted(bridge)} is also network.${other}`;
    return [
      errorAt('bridge-not-uplink', at, text, 'vllmd makes the bridge; the uplink exists already'),
    ];
  },
};
