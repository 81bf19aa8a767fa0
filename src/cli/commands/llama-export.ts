import { exitCodes } from '../../core/failure.ts';
import { presetsOf } from '../../core/llama/export/presets.ts';
import { swapOf } from '../../core/llama/export/swap.ts';
import type { World } from '../../host/world.ts';
import type { ConfigOptions } from '../config-options.ts';
import { loadLlamaAndTell } from '../llama-file.ts';
import { showDiagnostics } from '../show-diagnostics.ts';

const makers = { 'llama-server-presets': presetsOf, 'llama-swap': swapOf } as const;

type ExportOptions = Omit<ConfigOptions, 'json'> & { readonly format: keyof typeof makers };

/** Prints the instances as another program wants them, and on stderr what it does not take over. */
export async function llamaExport(options: ExportOptions, world: World): Promise<number> {
  const loaded = await loadLlamaAndTell({ ...options, json: false }, world);
  if (loaded === undefined) return exitCodes.config;
  const exported = makers[options.format](loaded.checked);
  if (!exported.ok) {
    await showDiagnostics(exported.diagnostics, loaded.source, false, world);
    return exitCodes.config;
  }
  for (const note of exported.value.notes) world.notes.write(`note: ${note}\n`);
  world.stdout.write(exported.value.text);
  return exitCodes.ok;
}
