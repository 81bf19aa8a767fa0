import { exitCodes } from '../../core/failure.ts';
import { FORMAT_VERSION } from '../../core/report/format-version.ts';
import { recordedJson } from '../../core/report/recorded-json.ts';
import { compose } from '../../host/compose.ts';
import type { World } from '../../host/world.ts';
import type { ConfigOptions } from '../config-options.ts';
import { during, READING } from '../during.ts';
import { hostOf, recordedSubject, tellGaps } from '../host-of.ts';
import { loadOrShow } from '../load.ts';
import { diagnosticRows, showDiagnostics } from '../show-diagnostics.ts';
import { writeJson } from '../write-json.ts';
import { writeTree } from '../write-tree.ts';

export type RenderOptions = ConfigOptions & {
  readonly out: string;
  readonly facts?: string | undefined;
};

/** Writes the tree as it would lie on the host below a new or empty directory. Owners stay those of the caller. */
export async function render(options: RenderOptions, world: World): Promise<number> {
  const view = hostOf(options.facts, world);
  const loaded = await loadOrShow(options, world, view.host);
  if (loaded === undefined) return exitCodes.config;
  const { source, warnings } = loaded;
  const { artefacts, problems } = await during(world, READING, () =>
    compose(loaded.input, view.host, loaded.llama),
  );
  const found = [...warnings, ...problems];
  if (problems.some(({ severity }) => severity === 'error')) {
    if (options.json) {
      const diagnostics = await diagnosticRows(found, source);
      const recorded = recordedJson(recordedSubject(view));
      writeJson({ format_version: FORMAT_VERSION, ok: false, recorded, diagnostics }, world);
    } else await showDiagnostics(found, source, false, world);
    tellGaps(view, world, source.file);
    return exitCodes.preflight;
  }
  const { out, paths } = await writeTree(artefacts, options.out, world);
  if (options.json) {
    const diagnostics = await diagnosticRows(found, source);
    const recorded = recordedJson(recordedSubject(view));
    const answer = { format_version: FORMAT_VERSION, ok: true, recorded, out, paths, diagnostics };
    writeJson(answer, world);
  } else {
    await showDiagnostics(found, source, false, world);
    world.stdout.write(`${paths.length} files written below ${options.out}\n`);
  }
  tellGaps(view, world, source.file);
  return exitCodes.ok;
}
