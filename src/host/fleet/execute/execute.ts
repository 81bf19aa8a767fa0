import type { ActiveRecord, RuntimeProcess } from '../../../core/fleet/active-record.ts';
import type { Execution, StepOutcome } from '../../../core/fleet/execution/execution.ts';
import type { SelectPlan, Step } from '../../../core/fleet/select-plan.ts';
import { asError } from '../../as-error.ts';
import { type ExecuteContext, hostFor, interruption, signalOf } from './context.ts';
import { endAfterStop } from './end-after-stop.ts';
import { findUnreached } from './find-unreached.ts';
import { probeUntilHealthy } from './probe.ts';
import { newRecord, recordAfterFailure, stoppedOf, unhealthy } from './records.ts';
import { blankOutcome, runCommand } from './run-command.ts';
import { refuseIfAnswering, uncheckedStop, unlessAnswering } from './silence.ts';
import { startRuntime } from './start-step.ts';
import { mayBeLeft, takeBack } from './take-back.ts';

/** Carries a plan out, step by step; at the first that fails it takes back what it has done, and says what may still run. */
export function execute(plan: SelectPlan, context: ExecuteContext): Promise<Execution> {
  return new PlanRun(plan, context).carryOut();
}

/** How far a plan has come. */
class PlanRun {
  readonly #plan: SelectPlan;
  readonly #context: ExecuteContext;
  readonly #outcomes: StepOutcome[] = [];
  /** Steps that may have had an effect. */
  readonly #begun: Step[] = [];
  readonly #stoppedHosts = new Set<string>();
  /** What was started; with undefined it is not known by what. */
  #started: { readonly process: RuntimeProcess | undefined } | undefined;
  #record: ActiveRecord | undefined;

  constructor(plan: SelectPlan, context: ExecuteContext) {
    this.#plan = plan;
    this.#context = context;
    this.#record = context.active;
  }

  async carryOut(): Promise<Execution> {
    const { steps } = this.#plan;
    const unreached = await findUnreached(this.#plan, this.#context);
    if (unreached !== undefined) {
      this.#context.tell({ kind: 'end', outcome: unreached });
      this.#outcomes.push(unreached);
      const isIt = ({ kind, hostId }: Step) =>
        kind === unreached.step && hostId === unreached.hostId;
      return this.#fail(
        unreached,
        steps.filter((step) => !isIt(step)),
      );
    }
    for (const [at, step] of steps.entries()) {
      const outcome = await this.#tell(step, () => this.#take(step));
      this.#outcomes.push(outcome);
      const isHarmless = step.kind === 'cleanup_model' && !this.#isInterrupted;
      if (outcome.status === 'error' && !isHarmless) {
        return this.#fail(outcome, steps.slice(at + 1));
      }
    }
    return this.#ended({ failure: undefined, isIncomplete: false });
  }

  get #isInterrupted(): boolean {
    return this.#context.until.aborted;
  }

  async #tell(step: Step, work: () => Promise<StepOutcome>): Promise<StepOutcome> {
    const { tell } = this.#context;
    // After a signal it is not run any more.
    const command = this.#isInterrupted ? undefined : step;
    tell({ kind: 'begin', step: step.kind, description: step.description, command });
    let outcome: StepOutcome;
    try {
      outcome = this.#isInterrupted
        ? { ...blankOutcome(step), detail: interruption(this.#context.until) }
        : await work();
    } catch (error) {
      const detail = this.#context.access.shown(asError(error).message);
      outcome = { ...blankOutcome(step), detail };
    }
    tell({ kind: 'end', outcome });
    return outcome;
  }

  async #take(step: Step): Promise<StepOutcome> {
    switch (step.kind) {
      case 'stop_model':
        return this.#stop(step);
      case 'start_model':
        return this.#start(step);
      case 'probe_health':
        return this.#probe(step);
      case 'cleanup_model':
      case 'apply_backend':
      case 'verify_backend':
        return this.#run(step);
      default:
        return step.kind satisfies never;
    }
  }

  #run(step: Step): Promise<StepOutcome> {
    // What only asks whether all is as it was changes nothing.
    if (!this.#plan.isReuse) this.#begun.push(step);
    const { until } = this.#context;
    return runCommand(step, { hosts: this.#plan.hosts, isUndo: false, until }, this.#context);
  }

  /** From its first command on, the old runtime may run or not. */
  async #stop(step: Step): Promise<StepOutcome> {
    const { active } = this.#context;
    if (active !== undefined) this.#write(unhealthy(active, this.#stoppedHosts));
    const outcome = await this.#run(step);
    if (outcome.status === 'error') return outcome;
    const host = hostFor(step, this.#plan.hosts);
    for (const process of active?.processes.filter((one) => one.host_id === step.hostId) ?? []) {
      const why = await endAfterStop(host, process, this.#context);
      if (why !== undefined) return { ...outcome, status: 'error', detail: why };
    }
    const stopped = await unlessAnswering(outcome, { stop: step, host }, this.#context);
    if (stopped.status === 'ok') this.#stoppedHosts.add(step.hostId);
    return stopped;
  }

  async #start(step: Step): Promise<StepOutcome> {
    const { hosts, model, steps } = this.#plan;
    const host = hostFor(step, hosts);
    const probe = steps.find(({ kind }) => kind === 'probe_health');
    const isAfterStop = this.#stoppedHosts.has(step.hostId);
    if (probe !== undefined) {
      const unchecked = isAfterStop ? uncheckedStop(this.#plan, step, this.#context) : undefined;
      const vacancy = { start: step, probe, host, isAfterStop, modelId: model.id, unchecked };
      const refusal = await refuseIfAnswering(vacancy, this.#context);
      if (refusal !== undefined) {
        // It may be what was stopped: nobody has asked that.
        if (unchecked !== undefined) this.#stoppedHosts.delete(step.hostId);
        return refusal;
      }
    }
    const record = newRecord(this.#plan, this.#context.now());
    this.#write(record);
    this.#begun.push(step);
    this.#started = { process: undefined };
    const onProcess = (process: RuntimeProcess) => {
      this.#started = { process };
      this.#write({ ...record, processes: [process] });
    };
    const onNothing = () => {
      this.#started = undefined;
      this.#begun.splice(this.#begun.indexOf(step), 1);
    };
    return startRuntime(step, { host, modelId: model.id, onProcess, onNothing }, this.#context);
  }

  async #probe(step: Step): Promise<StepOutcome> {
    const { isReuse, hosts } = this.#plan;
    const process = isReuse
      ? this.#context.active?.processes.find((one) => one.host_id === step.hostId)
      : this.#started?.process;
    const probed = { step, host: hostFor(step, hosts), process, isReuse };
    const outcome = await probeUntilHealthy(probed, this.#context);
    const isLast = step === this.#plan.steps.at(-1);
    if (outcome.status === 'ok' && isLast && !isReuse && this.#record !== undefined) {
      this.#write({ ...this.#record, healthy: true });
    }
    return outcome;
  }

  async #fail(failure: StepOutcome, rest: readonly Step[]): Promise<Execution> {
    const undone = await takeBack(
      { begun: this.#begun, hosts: this.#plan.hosts, process: this.#started?.process },
      this.#context,
    );
    this.#outcomes.push(
      ...undone,
      ...rest.map((step): StepOutcome => ({ ...blankOutcome(step), status: 'skipped' })),
    );
    const record = recordAfterFailure({
      active: this.#context.active,
      isTouched: this.#begun.length > 0,
      stoppedHosts: this.#stoppedHosts,
      started: this.#started !== undefined && mayBeLeft(undone) ? this.#record : undefined,
    });
    const isKept = this.#keep(record);
    const isIncomplete =
      (failure.isLost && !this.#plan.isReuse) ||
      undone.some(({ status, step }) => status === 'error' && step !== 'cleanup_model');
    // What ran before is not what it was, and nothing takes a stop back.
    const isHalfStopped = this.#begun.length > 0 && record !== undefined;
    return this.#ended({ failure, isIncomplete: isIncomplete || isHalfStopped || !isKept });
  }

  #write(record: ActiveRecord): void {
    this.#context.state.write(record);
    this.#record = record;
  }

  /** Whether the state says now what it is to say: what was taken back stays so, whatever becomes of the file. */
  #keep(record: ActiveRecord | undefined): boolean {
    if (record === this.#record) return true;
    try {
      if (record === undefined) this.#context.state.remove();
      else this.#context.state.write(record);
      this.#record = record;
      return true;
    } catch (error) {
      const text = `the record of the runtime could not be written: ${asError(error).message}`;
      this.#context.tell({ kind: 'warning', text });
      return false;
    }
  }

  #ended({ failure, isIncomplete }: Pick<Execution, 'failure' | 'isIncomplete'>): Execution {
    const { until } = this.#context;
    return {
      isReused: this.#plan.isReuse && failure === undefined,
      steps: this.#outcomes,
      failure,
      // One that comes when all is done changes nothing any more.
      signal: failure !== undefined && until.aborted ? signalOf(until) : undefined,
      stopped: stoppedOf(this.#context.active, this.#stoppedHosts),
      isIncomplete,
      record: this.#record,
    };
  }
}
