import { visible } from '../../core/control-characters.ts';
import { awaitHealth } from './await-health.ts';
import type { Job } from './job.ts';
import { launch, type Run } from './launch.ts';

/**
 * Starts instances in the order of the file, until each is healthy or has failed. One that is not to run in the
 * background holds up those behind it until it has ended, and keeps them from their start where it fails.
 */
export async function launchAll(jobs: readonly Job[], run: Run): Promise<void> {
  const { crew, teller } = run;
  const coming: Promise<void>[] = [];
  for (const [at, job] of jobs.entries()) {
    if (crew.stoppedBy !== undefined) break;
    const isLast = at === jobs.length - 1;
    const { name, control } = job.instance;
    if (!control.background && !isLast) {
      const others = jobs.slice(at + 1).map(({ instance }) => visible(instance.name));
      teller.warn(
        `instance "${visible(name)}" has background = false: only when it has ended follows ${others.join(', ')}`,
      );
    }
    const member = await launch(job, run);
    if (member !== undefined) coming.push(awaitHealth(member, run));
    if (control.background) continue;
    await member?.ended;
    if (crew.outcomeOf(job)?.state === 'failed') break;
  }
  await Promise.all(coming);
}
