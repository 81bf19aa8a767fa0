import { exitCodes, VllmdError } from '../../core/failure.ts';
import { type DiskReset, planDiskReset, resetDisk } from '../../host/disk-reset.ts';
import type { World } from '../../host/world.ts';
import { progressOn } from '../progress.ts';
import { exclusively, requireRoot } from '../session.ts';

export type DiskResetOptions = {
  readonly index: string;
  readonly yes: boolean;
  readonly dryRun: boolean;
  readonly lockTimeout?: string | undefined;
};

/** Throws a runtime's disk away; its next start makes one from the base image. */
export async function diskReset(options: DiskResetOptions, world: World): Promise<number> {
  requireRoot(world, 'disk reset');
  const { lockTimeout } = options;
  const index = indexOf(options.index);
  if (options.dryRun) {
    world.stdout.write(describe(await planDiskReset(world.host(''), index)));
    return exitCodes.ok;
  }
  return exclusively({ operation: 'disk reset', lockTimeout }, world, async ({ host }) => {
    const reset = await planDiskReset(host, index);
    world.stdout.write(describe(reset));
    if (!options.yes) {
      throw new VllmdError('usage', 'nothing was changed: a disk cannot be had back', 'add --yes');
    }
    const progress = progressOn(world);
    const failures = await resetDisk(host, reset, progress.on).finally(progress.end);
    return failures.length === 0 ? exitCodes.ok : exitCodes.runtime;
  });
}

function indexOf(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  const hint = '`sudo vllmd status` lists the runtimes';
  throw new VllmdError('usage', `disk reset ${text}: not the index of a runtime`, hint);
}

function describe({ unit, runs, files, baseImage }: DiskReset): string {
  const steps = [
    ...(runs ? [`stop ${unit}`] : []),
    ...files.map(({ path, bytes }) => `delete ${path}  (${(bytes / 2 ** 30).toFixed(1)} GiB)`),
    ...(runs ? [`start ${unit}, which makes a new disk from ${baseImage}`] : []),
  ];
  const rest = runs ? [] : [`the next start of ${unit} makes a new disk from ${baseImage}`];
  const lines = [...steps.map((step, at) => `${String(at + 1).padStart(4)}. ${step}`), ...rest];
  return `${lines.join('\n')}\n`;
}
