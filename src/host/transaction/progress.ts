import type { PlannedAction } from '../../core/plan/plan.ts';
import { isMemberUnit } from '../../core/resolve/member.ts';
import type { Transaction } from '../../core/transaction/groups.ts';
import { type GroupState, type Journal, withGroup } from '../../core/transaction/journal.ts';
import type { ApplyEvent } from '../apply-event.ts';
import type { Host } from '../host.ts';
import type { LoadExpectation } from '../load-gate.ts';
import { type Failure, runUnit } from '../run-unit.ts';
import { type Copy, watchCopy } from '../watch-copy.ts';
import type { CommitContext } from './commit.ts';
import { saveJournal } from './store.ts';

export type Signal = 'SIGINT' | 'SIGTERM';

export type ExecuteContext = CommitContext & {
  readonly wait: (milliseconds: number) => Promise<void>;
  readonly settleMs: number;
  /** One runtime that does not start takes all others back with it. */
  readonly allOrNothing: boolean;
  readonly received: () => Signal | undefined;
  /** Disks that are made when their unit starts, by unit. */
  readonly copies: ReadonlyMap<string, Copy>;
  readonly expectations: readonly LoadExpectation[];
  readonly on: (event: ApplyEvent) => void;
};

export class Interrupted extends Error {}

export class UnitFailed extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** How far a transaction has come: what its journal on the disk says, and what has gone wrong. */
export class Progress {
  readonly failures: Failure[] = [];
  /** Copies of files that were edited meanwhile, by path. */
  readonly saved = new Map<string, string>();
  /** Paths that were begun to be changed. */
  readonly begun = new Set<string>();
  /** How long the starts of runtimes have taken, in seconds. */
  readonly startSeconds = new Map<string, number>();
  readonly host: Host;
  readonly context: ExecuteContext;
  readonly #calls: readonly PlannedAction[];
  #journal: Journal;

  constructor(transaction: Transaction, journal: Journal, host: Host, context: ExecuteContext) {
    this.#journal = journal;
    this.host = host;
    this.context = context;
    this.#calls = transaction.plan.actions.filter(({ phase }) => phase !== 'files');
  }

  get journal(): Journal {
    return this.#journal;
  }

  /** The journal with how long starts have taken, for the plans to come. */
  measured(): Journal {
    const { after } = this.#journal;
    const units = after.units.map((unit) => {
      const startSeconds = this.startSeconds.get(unit.name) ?? 0;
      return startSeconds === 0 ? unit : { ...unit, startSeconds };
    });
    return { ...this.#journal, after: { ...after, units } };
  }

  async save(change: Partial<Pick<Journal, 'phase' | 'groups'>>): Promise<void> {
    const next = { ...this.#journal, ...change };
    await saveJournal(this.host, next);
    this.#journal = next;
  }

  saveGroups(ids: readonly number[], state: GroupState): Promise<void> {
    const next = ids.reduce((journal, id) => withGroup(journal, id, state), this.#journal);
    return this.save({ groups: next.groups });
  }

  /** Where a signal may end the transaction: between two steps. */
  stopIfInterrupted(): void {
    if (this.context.received() !== undefined) throw new Interrupted();
  }

  async mustRun(action: PlannedAction): Promise<void> {
    this.stopIfInterrupted();
    const failure = await this.run(action);
    if (failure !== undefined) throw new UnitFailed(failure);
  }

  async run(action: PlannedAction): Promise<Failure | undefined> {
    const { verb, unit } = action;
    const { on, copies } = this.context;
    on({ kind: 'action', action, n: this.#calls.indexOf(action) + 1, of: this.#calls.length });
    const copy = verb === 'stop' ? undefined : copies.get(unit ?? '');
    const report = (doneBytes: number) => {
      if (copy !== undefined) on({ kind: 'copying', copy, doneBytes });
    };
    const begin = this.context.now();
    const failure = await watchCopy(copy, this.host, report, () => runUnit(verb, unit, this.host));
    if (failure !== undefined) on({ kind: 'failed', failure });
    // A start that makes a disk says nothing of the next one.
    else if (unit !== undefined && isMemberUnit(unit) && verb !== 'stop' && copy === undefined) {
      this.startSeconds.set(unit, Math.round((this.context.now() - begin) / 1000));
    }
    return failure;
  }
}
