import { fstatSync } from 'node:fs';
import { spawn } from './spawn.ts';

const STDOUT = 1;

/**
 * Calls back when nobody reads the pipe any more that is our standard output, until what it returns is called. Of what is
 * no pipe nothing is said: there a write fails.
 *
 * A pipe tells it only to who asks with poll(2), which Node does not offer. `tail -f` asks for its own output, so one is
 * given the pipe; it has nothing to print, and SIGPIPE ends it. It ends with the process `pid` too, whatever ends that.
 */
export function onUnread(pid: number, gone: () => void): () => void {
  if (!fstatSync(STDOUT).isFIFO()) return () => undefined;
  const stop = new AbortController();
  const argv = ['tail', '-f', `--pid=${pid}`, '/dev/null'];
  spawn(argv, undefined, { output: 'inherit', until: stop.signal }).then(
    ({ signal }) => {
      if (signal === 'SIGPIPE') gone();
    },
    // It was stopped. What else may be wrong with it is no reason to stop a watch.
    () => undefined,
  );
  return () => stop.abort();
}
