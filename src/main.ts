import { run } from './cli/run.ts';
import { realWorld } from './host/real-world.ts';

/** The program as a process: its output, its exit code. */
export async function main(process: NodeJS.Process): Promise<void> {
  // Whatever becomes of the output, an install goes on to its end: its way back needs no terminal and no log file. A reader
  // that has seen enough (`| head`) or a terminal that is gone is no error either.
  let lost: Error | undefined;
  process.stderr.on('error', () => {});
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') lost = error;
  });

  let changesHost = false;
  const world = realWorld(process, () => {
    changesHost = true;
  });
  process.on('exit', (code) => {
    if (lost === undefined || code !== 0) return;
    process.stderr.write(`error: the output is not complete: ${lost.message}\n`);
    // What an install has done is done, also where nobody can read of it.
    if (!changesHost) process.exitCode = 1;
  });
  process.exitCode = await run(process.argv.slice(2), world);
}
