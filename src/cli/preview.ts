import type { VllmdError } from '../core/failure.ts';
import { conflictsHuman, planHuman } from '../core/report/plan-human.ts';
import { planJson } from '../core/report/plan-json.ts';
import type { World } from '../host/world.ts';
import type { Source } from './config-options.ts';
import { type HostInView, hostName, recordedSubject } from './host-of.ts';
import { blockers, type Prepared } from './prepare.ts';
import { diagnosticRows, noSource, showDiagnostics } from './show-diagnostics.ts';
import { failureRow, showFailure } from './show-failure.ts';
import { styleFor } from './style-for.ts';
import { writeJson } from './write-json.ts';

export type PreviewOptions = {
  readonly json: boolean;
  readonly source: Source | undefined;
  /** Where it can be another one than this. */
  readonly view?: HostInView | undefined;
  /** What a real run would end with, whatever its plan. */
  readonly obstacles: readonly VllmdError[];
};

/** The plan, then what would keep a real run from carrying it out. */
export async function preview(
  prepared: Prepared,
  options: PreviewOptions,
  world: World,
): Promise<void> {
  const { json, obstacles, view } = options;
  const host = view === undefined ? 'this host' : hostName(view);
  const source = { ...(options.source ?? noSource), host };
  const { findings, operation } = prepared;
  const { plan } = prepared.transaction;
  if (json) {
    const diagnostics = [...obstacles.map(failureRow), ...(await diagnosticRows(findings, source))];
    const subject = view && { recorded: recordedSubject(view) };
    writeJson(planJson(plan, { diagnostics, errored: false, subject }), world);
    return;
  }
  world.stdout.write(planHuman(plan, styleFor(world.stdout), operation));
  const isRefused = wouldBeRefused(prepared, obstacles);
  if (!isRefused && findings.length === 0) return;
  const title = isRefused ? `A real run on ${host} would be refused:` : `About ${host}:`;
  world.stderr.write(`\n${title}\n\n`);
  for (const obstacle of obstacles) showFailure(obstacle, world);
  world.stderr.write(conflictsHuman(plan.conflicts, styleFor(world.stderr), operation));
  if (findings.length > 0) await showDiagnostics(findings, source, false, world);
}

export function wouldBeRefused(prepared: Prepared, obstacles: readonly VllmdError[]): boolean {
  const { conflicts } = prepared.transaction.plan;
  return obstacles.length + conflicts.length + blockers(prepared).length > 0;
}
