import { exitCodes } from '../../core/failure.ts';
import { FORMAT_VERSION } from '../../core/report/format-version.ts';
import type { World } from '../../host/world.ts';
import { loadOrShow } from '../load.ts';

export type ValidateOptions = { readonly config?: string | undefined; readonly json: boolean };

export async function validate(options: ValidateOptions, world: World): Promise<number> {
  const loaded = await loadOrShow(options.config, options.json, world);
  if (loaded === undefined) return exitCodes.config;
  const { source, input } = loaded;
  if (options.json) {
    const answer = { format_version: FORMAT_VERSION, ok: true, diagnostics: [] };
    world.stdout.write(`${JSON.stringify(answer, undefined, 2)}\n`);
  } else {
    const count = input.runtimes?.length ?? 0;
    world.stdout.write(`${source.file}: valid, ${count} ${count === 1 ? 'runtime' : 'runtimes'}\n`);
  }
  return exitCodes.ok;
}
