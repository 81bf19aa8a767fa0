import { closeSync, constants, fstatSync, openSync, readSync, unlinkSync } from 'node:fs';
import type { ActiveRecord } from '../../core/fleet/active-record.ts';
import { parseActiveRecord } from '../../core/fleet/parse-active-record.ts';
import { isAbsence } from '../absence.ts';
import { replaceFile, syncParent } from '../replace-file.ts';
import { makeStateDirectory } from './state-directory.ts';
import { mustBeRegular, stateFailure } from './state-file.ts';

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
      try {
        replaceFile(path, text, { mode: 0o600, uid, gid: uid }, false);
      } catch (error) {
        throw stateFailure(error, 'write', path);
      }
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
    if (isAbsence(error)) return undefined;
    throw stateFailure(error, 'read', path);
  }
  try {
    mustBeRegular(fd, 'read', path);
    const bytes = Buffer.alloc(Math.min(fstatSync(fd).size, MAX_BYTES) + 1);
    return bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, 0));
  } catch (error) {
    throw stateFailure(error, 'read', path);
  } finally {
    closeSync(fd);
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path);
    syncParent(path);
  } catch (error) {
    if (!isAbsence(error)) throw stateFailure(error, 'remove', path);
  }
}
