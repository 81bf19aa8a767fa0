import { closeSync, constants, fstatSync, openSync, readSync, unlinkSync } from 'node:fs';
import { VllmdError } from '../../core/failure.ts';
import type { ActiveRecord } from '../../core/fleet/active-record.ts';
import { parseActiveRecord } from '../../core/fleet/parse-active-record.ts';
import { absenceOr } from '../absence.ts';
import { replaceFile, syncParent } from '../replace-file.ts';
import { makeStateDirectory } from './state-directory.ts';

/** What is known of the runtime that was started last. */
export type ActiveState = {
  /** undefined: nothing was started, or nothing of it runs any more. */
  readonly read: () => ActiveRecord | undefined;
  readonly write: (record: ActiveRecord) => void;
  readonly remove: () => void;
};

const MAX_BYTES = 2 ** 20;

/** In a file that is the old one or the new one at every moment, and that nobody else reads. */
export function activeStateIn(directory: string, uid: number): ActiveState {
  const path = activeRecordPath(directory);
  return {
    read: () => {
      const text = readOwn(path);
      return text === undefined ? undefined : parseActiveRecord(text, path);
    },
    write: (record) => {
      makeStateDirectory(directory, uid);
      const text = `${JSON.stringify(record, undefined, 2)}\n`;
      // Its owner is who writes it: none is given.
      replaceFile(path, text, { mode: 0o600, uid, gid: uid }, false);
    },
    remove: () => remove(path),
  };
}

function activeRecordPath(directory: string): string {
  return `${directory}/runtime-active.json`;
}

/** No link is followed, and nothing is waited for: it may have been planted. */
function readOwn(path: string): string | undefined {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ELOOP') throw planted(path);
    return absenceOr(error, undefined);
  }
  try {
    const bytes = Buffer.alloc(Math.min(fstatSync(fd).size, MAX_BYTES) + 1);
    return bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(fd);
  }
}

function planted(path: string): VllmdError {
  return new VllmdError(
    'conflict',
    `${path} is a link, and what vllmd knows of the active runtime never is one`,
    'remove it; `vllmd select status` then says that nothing runs',
  );
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    absenceOr(error, undefined);
    return;
  }
  syncParent(path);
}
