import { noChoices } from '../../core/plan/choices.ts';
import { sha256 } from '../../core/plan/digest.ts';
import { statusOf } from '../../core/report/status.ts';
import type { World } from '../../host/world.ts';
import { type ConfigOptions, modeOf } from '../config-options.ts';
import { findConfig } from '../find-config.ts';
import { loadWithFiles } from '../load-with-files.ts';
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
      planOf: async ({ absolutePath, bytes }, _installed, host) => {
        const found = { file: absolutePath, absolutePath, bytes };
        const { text, loaded } = await loadWithFiles(found, { mode, host, beside: host });
        if (!loaded.ok) return undefined;
        const { input, llama } = loaded;
        const options = { llama, allowEmpty: true, choices: noChoices };
        const { wholePlan } = await prepareInstall(input, host, options);
        return { plan: wholePlan, sha256: sha256(text) };
      },
    },
    options,
    world,
  );
}
