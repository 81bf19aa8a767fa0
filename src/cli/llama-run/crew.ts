import type { Outcome, StopSignal } from '../../core/llama/run/outcome.ts';
import { elapsed } from '../../core/report/units-human.ts';
import type { World } from '../../host/world.ts';
import { endServer } from './end-server.ts';
import type { Job } from './job.ts';
import type { Member } from './member.ts';

type Clock = Pick<World, 'now' | 'wait'>;

/** All instances of a run: what has become of each, and which of them have a process. */
export class Crew {
  readonly #outcomes: Map<string, Outcome>;
  readonly #members = new Set<Member>();
  readonly #endings: Promise<void>[] = [];
  readonly #stopTimeoutMs: number;
  readonly #clock: Clock;
  #stoppedBy: StopSignal | undefined;

  constructor(jobs: readonly Job[], stopTimeoutMs: number, clock: Clock) {
    this.#stopTimeoutMs = stopTimeoutMs;
    this.#clock = clock;
    this.#outcomes = new Map(
      jobs.map(({ instance: { name }, url, log }) => [
        name,
        { name, state: 'not-started', url, log } as const,
      ]),
    );
  }

  /** The signal that asked for the end of all. */
  get stoppedBy(): StopSignal | undefined {
    return this.#stoppedBy;
  }

  /** In the order of the file. */
  outcomes(): readonly Outcome[] {
    return [...this.#outcomes.values()];
  }

  outcomeOf({ instance: { name } }: Job): Outcome | undefined {
    return this.#outcomes.get(name);
  }

  note(job: Job, news: Partial<Outcome>): void {
    const before = this.outcomeOf(job);
    if (before !== undefined) this.#outcomes.set(before.name, { ...before, ...news });
  }

  /** Ended at once where the end of all has been asked for while it was being started. */
  add(member: Member): void {
    this.#members.add(member);
    if (this.#stoppedBy !== undefined) this.end(member, this.#stoppedBy);
  }

  end(member: Member, signal: StopSignal): void {
    const { server } = member;
    const kill = () => {
      const reason = `did not end within ${elapsed(this.#stopTimeoutMs)} and was killed`;
      const isKnown = member.hasEnded() || this.outcomeOf(member.job)?.state === 'failed';
      if (!isKnown) this.note(member.job, { reason });
    };
    this.#endings.push(
      endServer(server, signal, { timeoutMs: this.#stopTimeoutMs, kill }, this.#clock),
    );
  }

  /** The first request lets them finish what they do; one more does not. */
  stop(signal: StopSignal): void {
    const isFirst = this.#stoppedBy === undefined;
    this.#stoppedBy ??= signal;
    for (const member of this.#members) {
      if (!isFirst) member.server.signal('SIGKILL');
      else if (!member.hasEnded()) this.end(member, signal);
    }
  }

  async allEnded(): Promise<void> {
    for (const member of this.#members) await member.ended;
    await Promise.all(this.#endings);
  }

  /** What still runs is to run on without us. */
  letGo(): void {
    for (const { server, log } of this.#members) {
      server.letGo();
      log.close();
    }
  }
}
