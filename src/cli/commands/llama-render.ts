import { exitCodes } from '../../core/failure.ts';
import { renderLlama } from '../../core/kinds/llama-server/llama-server.ts';
import { FORMAT_VERSION } from '../../core/report/format-version.ts';
import { llamaLayer } from '../../core/resolve/layer.ts';
import { readLlamaFacts } from '../../host/read-llama-facts.ts';
import { inLayer, type World } from '../../host/world.ts';
import type { ConfigOptions } from '../config-options.ts';
import { during, READING } from '../during.ts';
import { loadLlamaOrShow } from '../llama-file.ts';
import { diagnosticRows, showDiagnostics } from '../show-diagnostics.ts';
import { writeJson } from '../write-json.ts';
import { writeTree } from '../write-tree.ts';

export type LlamaRenderOptions = ConfigOptions & {
  readonly out: string;
  readonly user?: string | undefined;
};

/** Writes units and environment files of the instances below a new or empty directory. */
export async function llamaRender(options: LlamaRenderOptions, outside: World): Promise<number> {
  const world = inLayer(outside, llamaLayer);
  const loaded = await loadLlamaOrShow(options, world);
  if (loaded === undefined) return exitCodes.config;
  const { source, instances, warnings } = loaded;
  const facts = await during(world, READING, () =>
    readLlamaFacts(world.host(''), instances, options.user),
  );
  const { out, paths } = await writeTree(renderLlama(instances, facts), options.out, world);
  if (options.json) {
    const diagnostics = await diagnosticRows(warnings, source);
    writeJson({ format_version: FORMAT_VERSION, ok: true, out, paths, diagnostics }, world);
    return exitCodes.ok;
  }
  if (warnings.length > 0) await showDiagnostics(warnings, source, false, world);
  world.stdout.write(`${paths.length} files written below ${options.out}\n`);
  return exitCodes.ok;
}
