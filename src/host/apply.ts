import { VllmdError } from '../core/failure.ts';
import type { Change } from '../core/plan/change.ts';
import { isActive } from '../core/plan/observed.ts';
import type { Plan, PlannedAction } from '../core/plan/plan.ts';
import type { Artefact } from '../core/render/artefact.ts';
import type { Host } from './host.ts';
import { type ManifestContext, ManifestWriter } from './manifest-writer.ts';
import { journalExcerpt, readUnit, systemctl } from './systemctl.ts';

export type ApplyEvent =
  | { readonly kind: 'files'; readonly count: number }
  | {
      readonly kind: 'action';
      readonly action: PlannedAction;
      readonly n: number;
      readonly of: number;
    }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** A unit that did not do what it was told; `journal` is the end of what it said. */
type Failure = {
  readonly unit: string;
  readonly message: string;
  readonly journal: string;
};

export type Outcome = {
  readonly failures: readonly Failure[];
  /** Directories that stay because something else is in them. */
  readonly kept: readonly string[];
};

/** Runs a plan as it was printed: stops, files, then daemon-reload and starts, one unit at a time. */
export async function apply(
  plan: Plan,
  host: Host,
  context: ManifestContext,
  on: (event: ApplyEvent) => void,
): Promise<Outcome> {
  const calls = plan.actions.filter((action) => action.phase !== 'files');
  const manifest = new ManifestWriter(plan, host, context);
  const run = (action: PlannedAction) => {
    on({ kind: 'action', action, n: calls.indexOf(action) + 1, of: calls.length });
    return runAction(action, host);
  };
  const stops = calls.filter(({ phase }) => phase === 'before');
  // Recorded before they stop: whatever happens from here on, the next install knows that they are to run.
  for (const { unit } of stops) manifest.isDown(unit);
  if (stops.length > 0) await manifest.saveFiles();
  for (const action of stops) {
    const failure = await run(action);
    // Its files are what a later stop needs, so nothing is written while it still runs.
    if (failure !== undefined) return { failures: [report(failure, on)], kept: [] };
  }
  const kept = await changeFiles(plan, host, manifest, on);
  const failures = await activate(
    calls.filter(({ phase }) => phase === 'after'),
    manifest,
    run,
    on,
  );
  await manifest.finish();
  return { failures, kept };
}

/** What was written is recorded even when a write fails, so that the next run knows its own files. */
async function changeFiles(
  plan: Plan,
  host: Host,
  manifest: ManifestWriter,
  on: (event: ApplyEvent) => void,
): Promise<readonly string[]> {
  const kept: string[] = [];
  if (plan.changes.length > 0) on({ kind: 'files', count: plan.changes.length });
  try {
    for (const change of plan.changes) {
      if (!(await makeChange(change, host))) kept.push(change.path);
      manifest.made(change);
    }
  } catch (error) {
    await manifest.saveFiles();
    throw error;
  }
  manifest.keep(kept);
  await manifest.saveFiles();
  return kept;
}

/** False when a directory stays because it is not empty. */
async function makeChange(change: Change, host: Host): Promise<boolean> {
  try {
    return await (change.after === undefined
      ? remove(change, host)
      : put(change.path, change.after, change.verb, host));
  } catch (error) {
    if (error instanceof VllmdError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    const hint =
      'what was written before it is recorded; run the install again once the cause is gone';
    const message = `cannot ${change.verb} ${change.path}: ${why}`;
    throw new VllmdError('unexpected', message, hint, { cause: error });
  }
}

async function remove({ type, path }: Change, host: Host): Promise<boolean> {
  if (type === 'directory') return host.removeDirectory(path);
  await host.remove(path);
  return true;
}

async function put(
  path: string,
  artefact: Artefact,
  verb: Change['verb'],
  host: Host,
): Promise<boolean> {
  if (artefact.type === 'link') {
    await host.link(path, artefact.target);
    return true;
  }
  const { uid, gid } = artefact.owner;
  const metadata = { mode: artefact.mode, uid, gid };
  if (verb === 'metadata') await host.setMetadata(path, metadata);
  else if (artefact.type === 'directory') await host.mkdir(path, metadata);
  else await host.write(path, artefact.text, metadata);
  return true;
}

async function activate(
  actions: readonly PlannedAction[],
  manifest: ManifestWriter,
  run: (action: PlannedAction) => Promise<Failure | undefined>,
  on: (event: ApplyEvent) => void,
): Promise<readonly Failure[]> {
  const failures: Failure[] = [];
  const failedGroups = new Set<PlannedAction['group']>();
  for (const action of actions) {
    // A runtime whose GPU did not bind is not started, the others are; without the network none is touched.
    if (failedGroups.has('shared') || failedGroups.has(action.group)) continue;
    const failure = await run(action);
    if (failure === undefined) {
      if (action.verb === 'start' || action.verb === 'restart') manifest.started(action.unit);
      continue;
    }
    failures.push(report(failure, on));
    manifest.isDown(action.unit);
    if (action.verb === 'daemon-reload') break;
    failedGroups.add(action.group);
  }
  return failures;
}

function report(failure: Failure, on: (event: ApplyEvent) => void): Failure {
  on({ kind: 'failed', failure });
  return failure;
}

/** systemctl's exit code alone says too little: the unit's state afterwards is what counts. */
async function runAction(action: PlannedAction, host: Host): Promise<Failure | undefined> {
  const { verb, unit } = action;
  const result = await systemctl(host, verb, unit);
  if (unit === undefined) {
    if (result.exitCode === 0) return undefined;
    return { unit: verb, message: `systemctl ${verb}: ${result.stderr.trim()}`, journal: '' };
  }
  // A unit that is not loaded any more has nothing to reset.
  if (verb === 'reset-failed') return undefined;
  const state = await readUnit(host, unit);
  const isGood = verb === 'stop' ? !isActive(state) : isActive(state) && result.exitCode === 0;
  if (isGood) return undefined;
  // systemd would try it again and again meanwhile; the next install starts it once the cause is gone.
  if (verb !== 'stop') await giveUp(unit, host);
  return {
    unit,
    message: `${unit} did not ${verb}: ${state.activeState} (${state.subState})`,
    journal: await journalExcerpt(host, unit),
  };
}

async function giveUp(unit: string, host: Host): Promise<void> {
  await systemctl(host, 'stop', unit);
  await systemctl(host, 'reset-failed', unit);
}
