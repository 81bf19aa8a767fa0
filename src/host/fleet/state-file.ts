import { fstatSync } from 'node:fs';
import { VllmdError } from '../../core/failure.ts';

/** What was to be done with a file of the state. */
export type StateAct = 'open' | 'read' | 'remove' | 'write';

const ELSEWHERE = 'or name another place with $XDG_STATE_HOME';

const helps: Readonly<Record<string, string>> = {
  EACCES:
    'it belongs to the account that runs vllmd: `ls -ld` says whose it and its directories are',
  EPERM: 'it belongs to the account that runs vllmd: `ls -ld` and `lsattr` say what is in the way',
  EROFS: `make its file system writable, ${ELSEWHERE}`,
  ENOSPC: `make room on its file system, ${ELSEWHERE}`,
  EDQUOT: `make room on its file system, ${ELSEWHERE}`,
};

/** What the system has refused as an expected failure that names the file; anything else stays what it is. */
export function stateFailure(error: unknown, act: StateAct, path: string): unknown {
  if (error instanceof VllmdError || !(error instanceof Error) || !('code' in error)) return error;
  const code = String(error.code);
  const refuse = (why: string, help: string) => refusal(act, path, why, help, error);
  if (code === 'ELOOP') return refuse('it is a link', 'remove it, and select again');
  if (code === 'EISDIR') return notRegular(act, path, error);
  // Without what was called, and with which descriptor.
  const why = error.message.replace(/^E[A-Z0-9]+: /, '').replace(/, \w+(?: '.*)?$/s, '');
  return refuse(why, helps[code] ?? `see what is wrong with it, ${ELSEWHERE}`);
}

/** A pipe or a device would never say what stands in it. */
export function mustBeRegular(fd: number, act: StateAct, path: string): void {
  if (!fstatSync(fd).isFile()) throw notRegular(act, path);
}

function notRegular(act: StateAct, path: string, cause?: unknown): VllmdError {
  return refusal(act, path, 'it is no regular file', 'move it away, and select again', cause);
}

function refusal(act: StateAct, path: string, why: string, help: string, cause: unknown) {
  return new VllmdError('conflict', `cannot ${act} ${path}: ${why}`, help, { cause });
}
