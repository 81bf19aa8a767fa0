import { exitCodes, VllmdError } from '../core/failure.ts';
import { conflictsHuman, planHuman } from '../core/report/plan-human.ts';
import { planJson } from '../core/report/plan-json.ts';
import { type ApplyContext, apply, type Outcome } from '../host/apply.ts';
import type { Host } from '../host/host.ts';
import type { World } from '../host/world.ts';
import type { Source } from './load.ts';
import { blockers, type Prepared } from './prepare.ts';
import { progressOn } from './progress.ts';
import { diagnosticRows, showDiagnostics } from './show-diagnostics.ts';
import { styleFor } from './style-for.ts';

export type ShowOptions = { readonly json: boolean; readonly source: Source | undefined };

const noSource = { file: '', text: '' };

/** The plan, then what would keep a real run from carrying it out. */
export async function preview(
  prepared: Prepared,
  options: ShowOptions,
  world: World,
): Promise<void> {
  const { plan, findings } = prepared;
  const source = options.source ?? noSource;
  if (options.json) {
    const diagnostics = await diagnosticRows(findings, source);
    writeJson(planJson(plan, { diagnostics, errored: false }), world);
    return;
  }
  world.stdout.write(planHuman(plan, styleFor(world.stdout)));
  const isRefused = plan.conflicts.length + blockers(prepared).length > 0;
  if (!isRefused && findings.length === 0) return;
  const title = isRefused ? 'A real run on this host would be refused:' : 'About this host:';
  world.stderr.write(`\n${title}\n\n`);
  world.stderr.write(conflictsHuman(plan.conflicts, styleFor(world.stderr)));
  if (findings.length > 0) await showDiagnostics(findings, source, false, world);
}

/** Carries out exactly the plan that it prints, or refuses before the first change. */
export async function carryOut(
  prepared: Prepared,
  host: Host,
  options: ShowOptions & { readonly context: ApplyContext },
  world: World,
): Promise<number> {
  const { plan, findings } = prepared;
  const source = options.source ?? noSource;
  const diagnostics = options.json ? await diagnosticRows(findings, source) : [];
  if (plan.conflicts.length + blockers(prepared).length > 0) {
    if (options.json) writeJson(planJson(plan, { diagnostics, errored: false }), world);
    return refuse(prepared, options, world);
  }
  if (!options.json) {
    world.stdout.write(planHuman(plan, styleFor(world.stdout)));
    // Only warnings are left.
    if (findings.length > 0) await showDiagnostics(findings, source, false, world);
  }
  const outcome = await apply(plan, host, options.context, progressOn(world.stderr));
  if (options.json) {
    const errored = outcome.failures.length > 0;
    writeJson({ ...planJson(plan, { diagnostics, errored }), ...outcomeJson(outcome) }, world);
  }
  for (const path of outcome.kept) {
    world.stderr.write(`note: ${path} is not empty and stays\n`);
  }
  return outcome.failures.length > 0 ? exitCodes.runtime : exitCodes.ok;
}

async function refuse(prepared: Prepared, options: ShowOptions, world: World): Promise<number> {
  const { conflicts } = prepared.plan;
  if (conflicts.length > 0) {
    if (!options.json) world.stderr.write(conflictsHuman(conflicts, styleFor(world.stderr)));
    throw new VllmdError(
      'conflict',
      `nothing was changed: ${conflicts.length === 1 ? 'a path is' : `${conflicts.length} paths are`} not as vllmd left them`,
      'move each away, or put back what vllmd wrote; own settings belong into a drop-in (systemctl edit UNIT)',
    );
  }
  if (!options.json) {
    await showDiagnostics(prepared.findings, options.source ?? noSource, false, world);
  }
  throw new VllmdError('preflight', 'nothing was changed: this host is not ready for the config');
}

function outcomeJson({ failures, kept }: Outcome): object {
  return { outcome: { failures, kept } };
}

function writeJson(value: object, world: World): void {
  world.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}
