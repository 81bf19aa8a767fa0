import { resolve } from 'node:path';
import schema from '../../../schemas/vllmd-hypervisor-config-schema.json' with { type: 'json' };
import type { Diagnostic } from '../../core/diagnostic.ts';
import { type Asked, askedOf } from '../../core/explain/asked.ts';
import { explain as explainAsked } from '../../core/explain/explain.ts';
import type { Explanation, Installed } from '../../core/explain/explanation.ts';
import type { TextArtefact } from '../../core/explain/scope.ts';
import type { Steps } from '../../core/explain/steps.ts';
import type { Origin } from '../../core/explain/variable.ts';
import { exitCodes } from '../../core/failure.ts';
import { explainHuman } from '../../core/report/explain-human.ts';
import { explainJson } from '../../core/report/explain-json.ts';
import { type ConfigPlaces, pointersOf } from '../../core/report/explain-origins.ts';
import { compose } from '../../host/compose.ts';
import type { HostReader } from '../../host/host.ts';
import { withAllGpus } from '../../host/with-all-gpus.ts';
import type { World } from '../../host/world.ts';
import type { ConfigOptions, Source } from '../config-options.ts';
import { during, READING } from '../during.ts';
import { type HostInView, hostOf, recordedSubject, tellGaps } from '../host-of.ts';
import { loadOrShow } from '../load.ts';
import { diagnosticRows, showDiagnostics } from '../show-diagnostics.ts';
import { styleFor } from '../style-for.ts';
import { writeJson } from '../write-json.ts';

export type ExplainOptions = ConfigOptions & {
  /** A path, with a line or without, a unit, or a key. */
  readonly subject: string;
  readonly facts?: string | undefined;
};

/** Where a line of a file comes from, and what a key of the config reaches. Only reads. */
export async function explain(options: ExplainOptions, world: World): Promise<number> {
  const { subject, json } = options;
  const view = hostOf(options.facts, world);
  const { host } = view;
  const loaded = await loadOrShow(options, world, host);
  if (loaded === undefined) return exitCodes.config;
  const { asked, complete, installed, problems } = await during(world, READING, async () => {
    const composed = await compose(loaded.input, host, loaded.llama);
    const materials = await withAllGpus(composed.materials, host);
    const named = askedOf(subject, (name) => resolve(world.cwd, name), materials);
    return {
      asked: named,
      complete: materials,
      installed: await installedOf(named, host),
      problems: composed.problems,
    };
  });
  const explanation = await during(world, TRYING, () =>
    inTurns(explainAsked(asked, complete, schema, installed), world),
  );
  // Without the user data the rest is as true, and more than an error says.
  const own = problems.map((problem) => ({ ...problem, severity: 'warning' as const }));
  const warnings = [...loaded.warnings, ...own];
  await show({ explanation, warnings, source: loaded.source, json, view }, world);
  tellGaps(view, world, loaded.source.file);
  return exitCodes.ok;
}

const TRYING = 'trying other values of the config and of the host';
/** Between two looks at the clock: a few milliseconds of work. */
const STEPS_A_TURN = 10;

/** The work of seconds, with room for a line that says so. */
async function inTurns<Value>(steps: Steps<Value>, world: World): Promise<Value> {
  for (let count = 1; ; count += 1) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (count % STEPS_A_TURN === 0) await world.wait(0);
  }
}

async function installedOf(
  asked: Asked,
  host: HostReader,
): Promise<ReadonlyMap<string, Installed>> {
  const installed = new Map<string, Installed>();
  if (asked.kind === 'keys') return installed;
  const artefacts = asked.kind === 'line' ? [asked.artefact] : asked.artefacts;
  for (const artefact of artefacts) {
    installed.set(artefact.path, await stateOf(artefact, host));
  }
  return installed;
}

async function stateOf(artefact: TextArtefact, host: HostReader): Promise<Installed> {
  const entry = await host.read(artefact.path);
  if (entry.type === 'absent') return 'absent';
  if (entry.type === 'hidden' || entry.type === 'unsafe') return 'unknown';
  if (artefact.type === 'file') {
    return entry.type === 'file' && entry.text === artefact.text ? 'same' : 'differs';
  }
  return entry.type === 'link' && entry.target === artefact.target ? 'same' : 'differs';
}

type Shown = {
  readonly explanation: Explanation;
  readonly warnings: readonly Diagnostic[];
  readonly source: Source;
  readonly json: boolean;
  readonly view: HostInView;
};

async function show(
  { explanation, warnings, source, json, view }: Shown,
  world: World,
): Promise<void> {
  const { placesOf } = await import('../../core/config/locate.ts');
  const { maskSensitive } = await import('../../core/config/mask-sensitive.ts');
  const places: ConfigPlaces = {
    file: source.file,
    text: maskSensitive(source.text),
    positions: placesOf(source.text, pointersOf(originsOf(explanation))),
  };
  if (json) {
    const diagnostics = await diagnosticRows(warnings, source);
    writeJson({ ...explainJson(explanation, places, recordedSubject(view)), diagnostics }, world);
    return;
  }
  if (warnings.length > 0) await showDiagnostics(warnings, source, json, world);
  const terminal = { style: styleFor(world.stdout), width: world.stdout.columns };
  world.stdout.write(explainHuman(explanation, places, terminal));
}

function originsOf(explanation: Explanation): readonly Origin[] {
  if (explanation.kind === 'keys') return explanation.keys.map(({ origin }) => origin);
  const files = explanation.kind === 'line' ? [explanation.file] : explanation.files;
  return files.flatMap(({ lines, missing, exists, named }) => [
    ...[...lines, ...missing].flatMap(({ sources }) => sources.map(({ origin }) => origin)),
    ...exists,
    ...named,
  ]);
}
