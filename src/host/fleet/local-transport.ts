import { runShell } from './run-shell.ts';
import { localShell } from './session-script.ts';
import type { Transport } from './transport.ts';

/** What the shell itself says where a program cannot be run. */
const NOT_FOUND = 127;

/** This machine: a command has the environment of the caller, and finds programs where he does. */
export function localTransport(env: Readonly<Record<string, string | undefined>>): Transport {
  return {
    run: async (request) => {
      const end = await runShell({ argv: localShell, env, isRemote: false }, request);
      const { exitCode, programCode, stdout, stderr, isTimedOut, isAborted } = end;
      const code = exitCode ?? programCode ?? (end.hasBegun ? 137 : NOT_FOUND);
      return {
        exitCode: isAborted || isTimedOut ? (exitCode ?? 143) : code,
        stdout,
        stderr: end.hasBegun ? stderr : end.preface,
        isTimedOut,
        isAborted,
      };
    },
  };
}
