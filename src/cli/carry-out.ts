import { exitCodes, VllmdError } from '../core/failure.ts';
import { isEmptyPlan } from '../core/plan/plan.ts';
import { conflictsHuman, planHuman } from '../core/report/plan-human.ts';
import { planJson } from '../core/report/plan-json.ts';
import { GRUB_CONFIG } from '../core/resolve/layout.ts';
import { journalOf } from '../host/transaction/begin.ts';
import { saveManifest } from '../host/transaction/commit.ts';
import { execute, type Outcome } from '../host/transaction/execute.ts';
import type { World } from '../host/world.ts';
import type { Source } from './config-options.ts';
import { during } from './during.ts';
import { expectationsOf } from './expectations.ts';
import { lint } from './lint.ts';
import { blockers, type Prepared } from './prepare.ts';
import { progressOn } from './progress.ts';
import { reportOutcome } from './report-outcome.ts';
import type { Session } from './session.ts';
import { diagnosticRows, noSource, showDiagnostics } from './show-diagnostics.ts';
import { styleFor } from './style-for.ts';
import { writeJson } from './write-json.ts';

type ShowOptions = { readonly json: boolean; readonly source: Source | undefined };

export type CarryOutOptions = ShowOptions & {
  readonly config: { readonly path: string; readonly sha256: string };
  readonly settleMs: number;
  readonly allOrNothing: boolean;
  /** A tree where no systemd listens. */
  readonly isOffline: boolean;
  readonly isBoot?: true;
  /** What is said of a generation that is in place. */
  readonly sentence?: (generation: number) => string;
  readonly confirmWithinMs?: number | undefined;
};

/** Carries out exactly the plan that it prints, or refuses before the first change. */
export async function carryOut(
  prepared: Prepared,
  session: Session,
  options: CarryOutOptions,
  world: World,
): Promise<number> {
  const { transaction, findings, manifest } = prepared;
  const { plan } = transaction;
  const source = options.source ?? noSource;
  const diagnostics = options.json ? await diagnosticRows(findings, source) : [];
  if (plan.conflicts.length + blockers(prepared).length > 0) {
    if (options.json) writeJson(planJson(plan, { diagnostics, errored: false }), world);
    return refuse(prepared, options, world);
  }
  if (!options.json) {
    world.stdout.write(planHuman(plan, styleFor(world.stdout), prepared.operation));
    // Only warnings are left.
    if (findings.length > 0) await showDiagnostics(findings, source, false, world);
  }
  const outcome = await apply(prepared, session, options, world);
  if (options.json) {
    const json = planJson(plan, { diagnostics, errored: hasErred(outcome) });
    writeJson({ ...json, ...outcomeJson(outcome) }, world);
  }
  warnOfIdleConfirmation(options, outcome, world);
  const before = typeof manifest === 'object' ? manifest : null;
  return reportOutcome(outcome, { before, sentence: options.sentence }, world);
}

/** Who has asked to be asked thinks that the host goes back by itself. */
function warnOfIdleConfirmation(
  { confirmWithinMs }: CarryOutOptions,
  { committed }: Outcome,
  world: World,
): void {
  if (confirmWithinMs === undefined || committed?.deadline !== undefined) return;
  if (committed?.notArmed !== undefined) return;
  world.stderr.write(
    'warning: --confirm-within: nothing waits for a confirmation: no definition has changed\n',
  );
}

async function apply(
  prepared: Prepared,
  { host, interrupts }: Session,
  options: CarryOutOptions,
  world: World,
): Promise<Outcome> {
  const { transaction, manifest, observed, copies } = prepared;
  const journal = journalOf(transaction, {
    operation: prepared.operation,
    manifest,
    config: options.config,
    version: world.version,
    units: observed.units,
    wholePlan: prepared.wholePlan,
    others: prepared.others,
    isOffline: options.isOffline,
    confirmWithinMs: options.confirmWithinMs,
    allOrNothing: options.allOrNothing,
    isBoot: options.isBoot,
  });
  if (isEmptyPlan(transaction.plan)) {
    // The operator's own edit may have made a file what it was to be.
    if (journal.before !== null) await saveManifest(journal.after, host);
    return { failures: [], undone: [], saved: new Map(), backups: new Map() };
  }
  if (!options.isOffline) {
    await during(world, 'checking the units', () => lint(prepared, host, world));
  }
  const progress = progressOn(world, prepared.operation);
  return execute(transaction, journal, host, {
    now: world.now,
    wait: world.wait,
    self: world.self,
    settleMs: options.settleMs,
    allOrNothing: options.allOrNothing,
    received: interrupts.received,
    copies,
    expectations: expectationsOf(prepared),
    on: progress.on,
  }).finally(progress.end);
}

async function refuse(prepared: Prepared, options: ShowOptions, world: World): Promise<number> {
  const { conflicts } = prepared.transaction.plan;
  if (conflicts.length > 0) {
    if (!options.json)
      world.stderr.write(conflictsHuman(conflicts, styleFor(world.stderr), prepared.operation));
    throw new VllmdError(
      'conflict',
      `nothing was changed: ${conflicts.length === 1 ? 'a path is not as vllmd left it' : `${conflicts.length} paths are not as vllmd left them`}`,
      'each says above what helps; own settings belong into a drop-in (sudo systemctl edit UNIT)',
    );
  }
  if (!options.json) {
    await showDiagnostics(prepared.findings, options.source ?? noSource, false, world);
  }
  throw new VllmdError('preflight', 'nothing was changed: this host is not ready for the config');
}

/** 9 where units still run with what they were started with before, or the host with another kernel command line. */
export function pendingCode(prepared: Prepared, code: number): number {
  const { plan } = prepared.transaction;
  const needsReboot = plan.changes.some(({ path }) => path === GRUB_CONFIG);
  const isPending = needsReboot || plan.pending.length > 0 || prepared.others.length > 0;
  return code === exitCodes.ok && isPending ? exitCodes.restartPending : code;
}

function hasErred({ failures, cause, signal, incomplete, committed }: Outcome): boolean {
  const why = [cause, signal, incomplete, committed?.notArmed];
  return failures.length > 0 || why.some((one) => one !== undefined);
}

function outcomeJson({ failures, undone, committed, incomplete }: Outcome): object {
  return {
    outcome: {
      failures,
      kept: committed?.kept ?? [],
      rolled_back: undone,
      generation: committed?.manifest.generation ?? null,
      remaining: incomplete?.remaining ?? [],
    },
  };
}
