import { loadConfig } from '../../core/config/load.ts';
import { noChoices } from '../../core/plan/choices.ts';
import { sha256 } from '../../core/plan/digest.ts';
import { statusOf } from '../../core/report/status.ts';
import type { World } from '../../host/world.ts';
import { findConfig } from '../find-config.ts';
import { type ConfigOptions, modeOf } from '../load.ts';
import { prepareInstall } from '../prepare.ts';
import { verifyWith } from '../verify-with.ts';

export type VerifyOptions = ConfigOptions;

/** Says whether the host is as it was installed. Changes nothing. */
export async function verify(options: VerifyOptions, world: World): Promise<number> {
  const mode = modeOf({ ...options, isForHost: true });
  return verifyWith(
    {
      statusOf,
      find: (named) => findConfig(named, world),
      planOf: async ({ bytes }, _installed, host) => {
        const { text, result } = loadConfig(bytes, mode);
        if (!result.ok) return undefined;
        const options = { allowEmpty: true, choices: noChoices };
        const { wholePlan } = await prepareInstall(result.value, host, options);
        return { plan: wholePlan, sha256: sha256(text) };
      },
    },
    options,
    world,
  );
}
