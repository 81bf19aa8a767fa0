import { resolve as resolvePath } from 'node:path';
import { exitCodes, VllmdError } from '../../core/failure.ts';
import type { Artefact } from '../../core/render/artefact.ts';
import { ancestors } from '../../core/render/parents.ts';
import { FORMAT_VERSION } from '../../core/report/format-version.ts';
import { recordedJson } from '../../core/report/recorded-json.ts';
import { compose } from '../../host/compose.ts';
import type { Host } from '../../host/host.ts';
import type { World } from '../../host/world.ts';
import { cannotWrite } from '../cannot-write.ts';
import { during, READING } from '../during.ts';
import { hostOf, recordedSubject, tellGaps } from '../host-of.ts';
import { type ConfigOptions, loadOrShow } from '../load.ts';
import { diagnosticRows, showDiagnostics } from '../show-diagnostics.ts';
import { writeJson } from '../write-json.ts';

export type RenderOptions = ConfigOptions & {
  readonly out: string;
  readonly facts?: string | undefined;
};

/** Writes the tree as it would lie on the host below a new or empty directory. Owners stay those of the caller. */
export async function render(options: RenderOptions, world: World): Promise<number> {
  const loaded = await loadOrShow(options, world);
  if (loaded === undefined) return exitCodes.config;
  const { source, warnings } = loaded;
  const view = hostOf(options.facts, world);
  const { artefacts, problems } = await during(world, READING, () =>
    compose(loaded.input, view.host),
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
  const out = resolvePath(world.cwd, options.out);
  try {
    await makeEmptyDirectory(out, options.out, world);
    await writeTree(artefacts, world.treeHost(out), world);
  } catch (error) {
    const forbidden = 'run it with sudo, or name a directory of your own';
    const elsewhere = 'name another directory';
    throw cannotWrite(error, { name: options.out, forbidden, elsewhere });
  }
  const paths = artefacts.filter(({ type }) => type !== 'directory').map(({ path }) => path);
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

/** Nothing is mixed into what is there: a stale file would look like a rendered one. */
async function makeEmptyDirectory(out: string, named: string, world: World): Promise<void> {
  const host: Host = world.treeHost('');
  const there = await host.stat(out);
  if (there !== undefined && there.type !== 'directory') {
    const message = `cannot write ${named}: it is no directory`;
    throw new VllmdError('usage', message, 'name another directory, a new or an empty one');
  }
  const names = await host.list(out);
  if (names !== undefined && names.length > 0) {
    throw new VllmdError(
      'usage',
      `--out ${named} is not empty`,
      'name a new or an empty directory',
    );
  }
  for (const path of [...ancestors(out), out]) {
    if (!(await host.exists(path)))
      await host.mkdir(path, { mode: 0o755, uid: world.uid, gid: -1 });
  }
}

async function writeTree(artefacts: readonly Artefact[], host: Host, world: World): Promise<void> {
  const own = { uid: world.uid, gid: -1 };
  for (const artefact of artefacts.filter(({ type }) => type === 'directory')) {
    await host.mkdir(artefact.path, { mode: 0o755, ...own });
  }
  for (const artefact of artefacts) {
    if (artefact.type === 'link') await host.link(artefact.path, artefact.target);
    if (artefact.type === 'file') {
      await host.write(artefact.path, artefact.text, { mode: artefact.mode, ...own });
    }
  }
}
