import { VllmdError } from '../core/failure.ts';
import type { Change } from '../core/plan/change.ts';
import type { Plan, PlannedAction } from '../core/plan/plan.ts';
import type { Artefact } from '../core/render/artefact.ts';
import type { Host } from './host.ts';
import { type ManifestContext, ManifestWriter } from './manifest-writer.ts';
import { type Failure, runUnit } from './run-unit.ts';
import { type Copy, watchCopy } from './watch-copy.ts';

export type ApplyEvent =
  | { readonly kind: 'files'; readonly count: number }
  | {
      readonly kind: 'action';
      readonly action: PlannedAction;
      readonly n: number;
      readonly of: number;
    }
  | { readonly kind: 'copying'; readonly copy: Copy; readonly doneBytes: number }
  | { readonly kind: 'failed'; readonly failure: Failure };

export type Outcome = {
  readonly failures: readonly Failure[];
  /** Directories that stay because something else is in them. */
  readonly kept: readonly string[];
};

export type ApplyContext = ManifestContext & {
  /** Disks that are made when their unit starts, by unit. */
  readonly copies: ReadonlyMap<string, Copy>;
};

/** Runs a plan as it was printed: stops, files, then daemon-reload and starts, one unit at a time. */
export async function apply(
  plan: Plan,
  host: Host,
  context: ApplyContext,
  on: (event: ApplyEvent) => void,
): Promise<Outcome> {
  const calls = plan.actions.filter((action) => action.phase !== 'files');
  const manifest = new ManifestWriter(plan, host, context);
  const run = (action: PlannedAction) => {
    on({ kind: 'action', action, n: calls.indexOf(action) + 1, of: calls.length });
    const copy = action.verb === 'stop' ? undefined : context.copies.get(action.unit ?? '');
    const report = (doneBytes: number) => {
      if (copy !== undefined) on({ kind: 'copying', copy, doneBytes });
    };
    return watchCopy(copy, host, report, () => runUnit(action.verb, action.unit, host));
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

const runsAfter: ReadonlySet<string> = new Set(['start', 'restart', 'reload']);

function record(
  { verb, unit }: PlannedAction,
  failure: Failure | undefined,
  manifest: ManifestWriter,
): void {
  if (failure === undefined) {
    if (runsAfter.has(verb)) manifest.started(unit);
  } else if (verb !== 'reload') {
    // A unit that could not be reloaded goes on as it was, and is reloaded again by the next install.
    manifest.isDown(unit);
  }
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
    record(action, failure, manifest);
    if (failure === undefined) continue;
    failures.push(report(failure, on));
    if (action.verb === 'daemon-reload') break;
    // What is shared goes on as it was when it cannot be reloaded.
    if (action.verb !== 'reload' || action.group !== 'shared') failedGroups.add(action.group);
  }
  return failures;
}

function report(failure: Failure, on: (event: ApplyEvent) => void): Failure {
  on({ kind: 'failed', failure });
  return failure;
}
