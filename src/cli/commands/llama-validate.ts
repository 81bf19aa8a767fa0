import { counted } from '../../core/counted.ts';
import { exitCodes } from '../../core/failure.ts';
import type { World } from '../../host/world.ts';
import type { ConfigOptions } from '../config-options.ts';
import { loadLlamaOrShow } from '../llama-file.ts';
import { showDiagnostics } from '../show-diagnostics.ts';

export async function llamaValidate(options: ConfigOptions, world: World): Promise<number> {
  const loaded = await loadLlamaOrShow(options, world);
  if (loaded === undefined) return exitCodes.config;
  const { source, instances, isDisabled, warnings } = loaded;
  if (options.json || warnings.length > 0) {
    await showDiagnostics(warnings, source, options.json, world);
  }
  if (!options.json) {
    const found = [isDisabled ? 'switched off' : counted(instances.length, 'instance')];
    if (warnings.length > 0) found.push(counted(warnings.length, 'warning'));
    world.stdout.write(`${source.file}: valid, ${found.join(', ')}\n`);
  }
  return exitCodes.ok;
}
