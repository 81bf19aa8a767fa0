import { installedUser } from '../../core/kinds/llama-server/installed-user.ts';
import { resolveLlama } from '../../core/llama/resolve.ts';
import { noChoices } from '../../core/plan/choices.ts';
import { llamaStatusOf } from '../../core/report/llama-status.ts';
import { llamaLayer } from '../../core/resolve/layer.ts';
import { inLayer, type World } from '../../host/world.ts';
import { type ConfigOptions, modeOf } from '../config-options.ts';
import { findLlamaFile, readLlamaFile } from '../llama-file.ts';
import { prepareLlama } from '../prepare-llama.ts';
import { verifyWith } from '../verify-with.ts';

/** Says whether the instances are as they were installed. Changes nothing. */
export async function llamaVerify(options: ConfigOptions, outside: World): Promise<number> {
  const world = inLayer(outside, llamaLayer);
  const mode = modeOf({ ...options, isForHost: true });
  return verifyWith(
    {
      statusOf: (...args) => {
        const { instances, ...status } = llamaStatusOf(...args);
        return { ...status, units: [], runtimes: instances };
      },
      find: async (named) => findLlamaFile(named, world),
      planOf: async ({ absolutePath, bytes }, { manifest, observed }, host) => {
        const { loaded, sha256 } = await readLlamaFile({ absolutePath, bytes }, mode, world);
        if (!loaded.result.ok) return undefined;
        const instances = resolveLlama(loaded.result.value);
        const user = installedUser(manifest, observed.entries);
        const planning = { allowEmpty: true, choices: noChoices, user };
        const { wholePlan } = await prepareLlama(instances, host, planning);
        return { plan: wholePlan, sha256 };
      },
    },
    options,
    world,
  );
}
