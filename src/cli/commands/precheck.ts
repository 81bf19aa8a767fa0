import type { ConfigInput } from '../../core/config/config-input.gen.ts';
import { loadConfig } from '../../core/config/load.ts';
import { exitCodes, VllmdError } from '../../core/failure.ts';
import { precheck as check } from '../../core/precheck/precheck.ts';
import type { ConfigInView } from '../../core/precheck/view.ts';
import { type PrecheckLook, precheckHuman, precheckJson } from '../../core/report/precheck.ts';
import { readPrecheck } from '../../host/read-precheck.ts';
import type { World } from '../../host/world.ts';
import { during, READING } from '../during.ts';
import { findConfig, isConfigNamed } from '../find-config.ts';
import { hostOf, tellGaps } from '../host-of.ts';
import { isAsciiOnly } from '../is-ascii-only.ts';
import { type ConfigOptions, modeOf } from '../load.ts';
import { styleFor } from '../style-for.ts';
import { writeJson } from '../write-json.ts';

export type PrecheckOptions = ConfigOptions & { readonly facts?: string | undefined };

/** Says whether this host, or one that was recorded, is ready for virtual machines with its GPUs. Only reads. */
export async function precheck(options: PrecheckOptions, world: World): Promise<number> {
  const inView = hostOf(options.facts, world);
  const { config, input } = await configInView(options, world);
  const { host, isRoot, recorded } = inView;
  const found = await during(world, READING, () => readPrecheck(host, input));
  const result = check({ config, isRoot, ...found });
  const subject = {
    config: config.kind === 'none' ? undefined : config.file,
    recorded: recorded && { ...recorded, isRoot, ...recorded.gaps() },
  };
  if (options.json) writeJson(precheckJson(result, subject), world);
  else world.stdout.write(precheckHuman(result, subject, lookOf(world)));
  tellGaps(inView, world, subject.config);
  return result.isReady ? exitCodes.ok : exitCodes.preflight;
}

function lookOf({ stdout, env }: World): PrecheckLook {
  return { style: styleFor(stdout), width: stdout.columns, isAscii: isAsciiOnly(env) };
}

type Found = { readonly config: ConfigInView; readonly input?: ConfigInput };

/** One that was named has to be there. That of this machine says nothing of another one. */
async function configInView(options: PrecheckOptions, world: World): Promise<Found> {
  const isNamed = isConfigNamed(options.config, world);
  const mode = modeOf(options);
  if (options.facts !== undefined && !isNamed) {
    return { config: { kind: 'none', why: 'no config was named for this recording' } };
  }
  try {
    const { file, bytes } = await findConfig(options.config, world);
    const { result } = loadConfig(bytes, mode);
    if (result.ok) return { config: { kind: 'valid', file }, input: result.value };
    return { config: { kind: 'invalid', file, problems: result.diagnostics.length } };
  } catch (error) {
    if (isNamed || !(error instanceof VllmdError && error.exit === 'noConfig')) throw error;
    return { config: { kind: 'none', why: error.message } };
  }
}
