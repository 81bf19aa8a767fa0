import { firstVersion } from '../../core/config/schema-keys.ts';
import { counted } from '../../core/counted.ts';
import { exitCodes } from '../../core/failure.ts';
import type { World } from '../../host/world.ts';
import { checkSchemaComment } from '../check-schema-comment.ts';
import { type ConfigOptions, loadOrShow } from '../load.ts';
import { showDiagnostics } from '../show-diagnostics.ts';

export async function validate(options: ConfigOptions, world: World): Promise<number> {
  const loaded = await loadOrShow(options, world);
  if (loaded === undefined) return exitCodes.config;
  const { source, input } = loaded;
  const version = input.schema_version ?? firstVersion;
  const warnings = [...checkSchemaComment(source, version, world), ...loaded.warnings];
  await showDiagnostics(warnings, source, options.json, world);
  if (!options.json) {
    const found = [counted(input.runtimes?.length ?? 0, 'runtime')];
    if (warnings.length > 0) found.push(counted(warnings.length, 'warning'));
    world.stdout.write(`${source.file}: valid, ${found.join(', ')}\n`);
  }
  return exitCodes.ok;
}
