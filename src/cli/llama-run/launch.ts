import { type Ending, endingInWords } from '../../core/llama/run/ending.ts';
import { secretsIn } from '../../core/llama/run/environment.ts';
import { causeIn, tailOf } from '../../core/llama/run/log-tail.ts';
import { elapsed } from '../../core/report/units-human.ts';
import type { ServerLog } from '../../host/servers/server-log.ts';
import type { Started } from '../../host/spawn.ts';
import type { World } from '../../host/world.ts';
import { addressProblem } from './address-problem.ts';
import type { Crew } from './crew.ts';
import type { Job } from './job.ts';
import type { Member } from './member.ts';
import type { FailureDetail, Teller } from './teller.ts';

export type Run = {
  readonly crew: Crew;
  readonly teller: Teller;
  readonly healthTimeoutMs: number;
  readonly world: World;
};

/** Starts an instance; where it cannot be, that is noted and told. What becomes of it later is too. */
export async function launch(job: Job, run: Run): Promise<Member | undefined> {
  const { crew, world } = run;
  if (job.problem !== undefined) {
    crew.note(job, { state: 'failed', reason: job.problem });
    return undefined;
  }
  const taken = await addressProblem(job, run);
  if (taken !== undefined) return fail(job, `is not started: ${taken.why}`, run, taken);
  const log = world.servers.openLog(job.log);
  if ('why' in log) return fail(job, `is not started: its log cannot be written: ${log.why}`, run);
  const { argv, environment: env } = job;
  const server = await world.servers.start(argv, { env, output: log.fd, cwd: world.cwd });
  if ('why' in server) {
    log.close();
    return fail(job, `cannot be started: ${server.why}`, run);
  }
  const member = memberOf(job, server, log, run);
  crew.note(job, { state: 'starting', pid: server.pid });
  crew.add(member);
  return member;
}

function memberOf(job: Job, server: Started, log: ServerLog, run: Run): Member {
  const startedMs = run.world.now();
  let hasEnded = false;
  const ended = server.ended.then((ending) => {
    hasEnded = true;
    hasCome(member, ending, run);
  });
  const member = { job, server, log, startedMs, ended, hasEnded: () => hasEnded };
  return member;
}

/** An end that was asked for is no failure, unless it had to be forced. */
function hasCome(member: Member, ending: Ending, run: Run): void {
  const { job, startedMs, server } = member;
  const { crew, teller, world } = run;
  const before = crew.outcomeOf(job);
  crew.note(job, { ending });
  if (before === undefined || before.state === 'failed') return;
  if (crew.stoppedBy !== undefined) {
    if (before.reason !== undefined) {
      fail(job, before.reason, run);
      return;
    }
    crew.note(job, { state: 'stopped' });
    teller.ended(before, 'stopped');
    return;
  }
  const { healthyAfterMs } = before;
  const isExpected = healthyAfterMs !== undefined || !job.instance.control.background;
  const after = elapsed(world.now() - startedMs);
  if (ending.exitCode === 0 && isExpected) {
    crew.note(job, { state: 'ended' });
    teller.ended(before, `ended by itself after ${after}`);
    return;
  }
  // What it has started would keep its GPU and its port.
  server.signal('SIGKILL');
  const when = healthyAfterMs === undefined ? 'before it was healthy' : `after ${after}`;
  const text = member.log.tail();
  const cause = causeIn(text, secretsIn(job.environment));
  const why = cause === undefined ? '' : `: ${cause}`;
  fail(job, `ended ${when}: ${endingInWords(ending)}${why}`, run, detailOf(member));
}

/** The last that it said. */
export function detailOf({ job, log }: Member): FailureDetail {
  return { tail: tailOf(log.tail(), secretsIn(job.environment)) };
}

export function fail(
  job: Job,
  reason: string,
  { crew, teller }: Run,
  detail: FailureDetail = {},
): undefined {
  crew.note(job, { state: 'failed', reason });
  teller.failed(job, reason, detail);
}
