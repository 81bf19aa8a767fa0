import { closeSync, constants, openSync } from 'node:fs';
import { VllmdError } from '../core/failure.ts';
import { flock } from './flock.ts';

const WAIT_SECONDS = 10;

/**
 * Does something while no other vllmd does the same in this directory. The lock is that of the directory itself, so that
 * nothing is left behind in it, and it goes when this process ends.
 */
export async function whileLocked<Value>(
  directory: string,
  work: () => Promise<Value>,
): Promise<Value> {
  const fd = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    const lock = await flock(fd, 'exclusive', WAIT_SECONDS);
    if (lock === 'taken') return await work();
    if (lock === 'busy') {
      const message = `another program holds a lock on ${directory}, and nothing was written`;
      throw new VllmdError('locked', message, 'see who does: lslocks');
    }
    const message = 'flock is missing, so that nothing keeps two changes apart';
    throw new VllmdError('preflight', message, 'install the package util-linux');
  } finally {
    closeSync(fd);
  }
}
