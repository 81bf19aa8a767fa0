import { answerInWords, isHealthy, nextLookMs } from '../../core/llama/run/health.ts';
import { elapsed } from '../../core/report/units-human.ts';
import { detailOf, fail, type Run } from './launch.ts';
import type { Member } from './member.ts';

/** One look; a server under load may take its time. */
const ASK_MS = 5000;

/** Until an instance is healthy or has ended; one that takes too long is ended, so that it does not come up unseen. */
export async function awaitHealth(member: Member, run: Run): Promise<void> {
  const { job, startedMs, ended } = member;
  const { crew, teller, healthTimeoutMs, world } = run;
  while (!member.hasEnded() && crew.stoppedBy === undefined) {
    const answer = await Promise.race([world.servers.ask(job.target, ASK_MS), ended]);
    // Whoever has answered then, it was not this one.
    if (answer === undefined || member.hasEnded()) break;
    const passedMs = world.now() - startedMs;
    if (isHealthy(answer)) {
      crew.note(job, { state: 'healthy', healthyAfterMs: passedMs });
      const outcome = crew.outcomeOf(job);
      if (outcome !== undefined) teller.healthy(outcome);
      return;
    }
    if (passedMs >= healthTimeoutMs) {
      const why = `was not healthy within ${elapsed(healthTimeoutMs)} and is ended: ${answerInWords(answer)}`;
      fail(job, why, run, detailOf(member));
      crew.end(member, 'SIGTERM');
      break;
    }
    await Promise.race([world.wait(nextLookMs(passedMs)), ended]);
  }
  await ended;
}
