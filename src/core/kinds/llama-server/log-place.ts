import type { LlamaInstance } from '../../llama/instance.ts';
import { isPlainPath } from '../../plan/manifest.ts';

/** Where an instance logs, and what its unit does for that; '' where there is nothing to say. */
export type LogPlace = {
  /** '' for the journal. */
  readonly file: string;
  /** Below /var/log, made by systemd for the account of the instance. */
  readonly logsDirectory: string;
  /** One that has to be there already. */
  readonly writableDirectory: string;
};

export const LOGS = '/var/log/';

export function logPlaceOf({ name, control }: Pick<LlamaInstance, 'name' | 'control'>): LogPlace {
  const nothing = { file: '', logsDirectory: '', writableDirectory: '' };
  if (!control.isLogNamed) return nothing;
  const file = control.logFile;
  const directory = directoryOf(file);
  const place = { ...nothing, file };
  if (!isPlainPath(directory) || isWritable(directory, name)) return place;
  // A colon would part the name of the directory from another one.
  // Within /var/log/private systemd keeps those of accounts that it makes up.
  const isMade = directory.startsWith(LOGS) && !`${directory}/`.startsWith(`${LOGS}private/`);
  return isMade && !directory.includes(':')
    ? { ...place, logsDirectory: directory.slice(LOGS.length) }
    : { ...place, writableDirectory: directory };
}

/** Its own state, and a /tmp that nobody else sees. */
function isWritable(directory: string, name: string): boolean {
  const own = ['/tmp', '/var/tmp', `/var/lib/vllmd-llama/${name}`];
  return own.some((path) => `${directory}/`.startsWith(`${path}/`));
}

/** '' of a name without a slash. */
export function directoryOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0));
}

/** Of a /tmp of its own nobody sees the log, and it goes with the instance. */
export function isPrivateLog({ file, logsDirectory, writableDirectory }: LogPlace): boolean {
  return file !== '' && /^\/(var\/)?tmp\//.test(file) && logsDirectory + writableDirectory === '';
}
