import { keyName, quoted } from '../config/show-value.ts';
import { errorAt } from '../diagnostic.ts';
import type { Rule } from './rule.ts';

const TAP = /^vllmd-tap\d+$/;

/** `bridge_name` and `default_interface` are not called like the network taps of the runtimes, vllmd-tapN. */
export const interfaceNotTap: Rule = {
  id: 'interface-not-tap',
  check: ({ network: { bridgeName, defaultInterface } }) =>
    (
      [
        ['/network/bridge_name', bridgeName],
        ['/network/default_interface', defaultInterface],
      ] as const
    ).flatMap(([at, name]) =>
      name === undefined || !isTapName(name)
        ? []
        : [
            errorAt(
              'interface-not-tap',
              at,
              `${keyName(at)}: ${quoted(name)} is the name of a runtime's network tap`,
              'choose another name',
            ),
          ],
    ),
};

export function isTapName(name: string): boolean {
  return TAP.test(name);
}
