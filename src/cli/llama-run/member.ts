import type { ServerLog } from '../../host/servers/server-log.ts';
import type { Started } from '../../host/spawn.ts';
import type { Job } from './job.ts';

/** An instance that has a process. */
export type Member = {
  readonly job: Job;
  readonly server: Started;
  readonly log: ServerLog;
  readonly startedMs: number;
  /** Once what has become of it is noted. */
  readonly ended: Promise<void>;
  readonly hasEnded: () => boolean;
};
