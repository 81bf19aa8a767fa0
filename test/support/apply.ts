import { type Prepared, prepareInstall, prepareUninstall } from '../../src/cli/prepare.ts';
import type { ConfigInput } from '../../src/core/config/config-input.gen.ts';
import { noChoices } from '../../src/core/plan/choices.ts';
import type { Plan } from '../../src/core/plan/plan.ts';
import { isEmptyPlan } from '../../src/core/plan/plan.ts';
import type { Operation } from '../../src/core/transaction/journal.ts';
import type { Host } from '../../src/host/host.ts';
import { journalOf } from '../../src/host/transaction/begin.ts';
import { execute, type Outcome } from '../../src/host/transaction/execute.ts';

export function prepareFor(input: ConfigInput, host: Host): Promise<Prepared> {
  return prepareInstall(input, host, { choices: noChoices, allowEmpty: true });
}

/** An install below the command line: its plan, which must have succeeded. */
export async function installed(input: ConfigInput, host: Host): Promise<Plan> {
  const prepared = await prepareFor(input, host);
  const outcome = await carriedOut(prepared, host, 'install');
  if (outcome !== undefined && outcome.failures.length > 0) throw new Error('a unit failed');
  return prepared.transaction.plan;
}

export async function uninstalled(host: Host): Promise<void> {
  const prepared = await prepareUninstall(host, { purgeData: false });
  await carriedOut(prepared, host, 'uninstall');
}

async function carriedOut(
  prepared: Prepared,
  host: Host,
  operation: Operation,
): Promise<Outcome | undefined> {
  const { transaction, wholePlan, others, manifest, observed, copies } = prepared;
  if (isEmptyPlan(transaction.plan)) return undefined;
  const journal = journalOf(transaction, {
    operation,
    manifest,
    config: { path: '/vllmd.toml', sha256: '' },
    version: '1',
    units: observed.units,
    wholePlan,
    others,
    isOffline: false,
  });
  const outcome = await execute(transaction, journal, host, {
    now: () => 0,
    wait: async () => {},
    self: ['vllmd'],
    settleMs: 0,
    allOrNothing: false,
    received: () => undefined,
    copies,
    expectations: [],
    on: () => {},
  });
  if (outcome.cause !== undefined) throw outcome.cause;
  if (outcome.incomplete !== undefined) throw new Error(JSON.stringify(outcome.incomplete));
  return outcome;
}
