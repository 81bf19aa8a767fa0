import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fstatSync,
  mkdirSync,
  openSync,
  type Stats,
} from 'node:fs';
import { dirname } from 'node:path';
import { VllmdError } from '../../core/failure.ts';
import { asError } from '../as-error.ts';

/** Where what is known of started runtimes lies: of the account that runs vllmd, whatever the file of runtimes is. */
export function fleetStateDirectory(env: Readonly<Record<string, string | undefined>>): string {
  const { XDG_STATE_HOME: state = '', HOME: home = '' } = env;
  // A relative one is invalid, and then as if it were not set.
  if (state.startsWith('/')) return `${state}/vllmd/fleet`;
  if (home.startsWith('/')) return `${home}/.local/state/vllmd/fleet`;
  throw new VllmdError(
    'usage',
    'there is no place for the state of runtimes: neither $XDG_STATE_HOME nor $HOME is an absolute path',
    'set one of them',
  );
}

const OPEN_DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** Made where there is none, for its account alone. Another account could else exchange what is in it. */
export function makeStateDirectory(directory: string, uid: number): void {
  let fd: number;
  try {
    makeEach(directory);
    fd = openSync(directory, OPEN_DIRECTORY);
  } catch (error) {
    throw unusable(directory, asError(error).message, error);
  }
  try {
    const stats = fstatSync(fd);
    mustBeOwn(directory, stats, uid);
    if ((stats.mode & 0o077) !== 0) fchmodSync(fd, 0o700);
  } catch (error) {
    throw error instanceof VllmdError ? error : unusable(directory, asError(error).message, error);
  } finally {
    closeSync(fd);
  }
}

/** One by one: where the system answers that what is to hold it is not there although it is, Node would try for ever. */
function makeEach(directory: string): void {
  const parent = dirname(directory);
  if (existsSync(directory) || parent === directory) return;
  makeEach(parent);
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    // Another vllmd was as fast. What it is then shows when it is opened.
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}

function mustBeOwn(directory: string, stats: Stats, uid: number): void {
  if (stats.uid === uid) return;
  throw unusable(directory, `it belongs to uid ${stats.uid}, and vllmd runs as uid ${uid}`);
}

function unusable(directory: string, why: string, cause?: unknown): VllmdError {
  return new VllmdError(
    'conflict',
    `${directory} cannot hold the state of runtimes: ${why}`,
    'move it away, or name another place with $XDG_STATE_HOME',
    { cause },
  );
}
