import { firstVersion } from '../../core/config/schema-keys.ts';
import { counted } from '../../core/counted.ts';
import type { Diagnostic } from '../../core/diagnostic.ts';
import { exitCodes } from '../../core/failure.ts';
import type { World } from '../../host/world.ts';
import { checkSchemaComment } from '../check-schema-comment.ts';
import type { ConfigOptions } from '../config-options.ts';
import { loadUntold } from '../load.ts';
import { showFiles } from '../show-diagnostics.ts';

export async function validate(options: ConfigOptions, world: World): Promise<number> {
  const loaded = await loadUntold(options, world);
  if (loaded === undefined) return exitCodes.config;
  const { source, input, llama } = loaded;
  const version = input.schema_version ?? firstVersion;
  const own = [
    ...checkSchemaComment(source, version, world),
    ...loaded.warnings,
    ...llama.problems.map(asWarning),
  ];
  await showFiles([{ source, diagnostics: own }, ...llama.warned], options.json, world);
  if (!options.json) {
    const found = [counted(input.runtimes?.length ?? 0, 'runtime')];
    const warnings = [own, ...llama.warned.map(({ diagnostics }) => diagnostics)].flat();
    if (warnings.length > 0) found.push(counted(warnings.length, 'warning'));
    world.stdout.write(`${source.file}: valid, ${found.join(', ')}\n`);
  }
  return exitCodes.ok;
}

/** What is at an absolute path is the host's, which need not be this machine. */
function asWarning(problem: Diagnostic): Diagnostic {
  return { ...problem, severity: 'warning' };
}
