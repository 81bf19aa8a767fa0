import { type Diagnostic, errorAt } from '../diagnostic.ts';
import { pastedWord } from '../shell-word.ts';
import { type PreflightInput, warningAt } from './check.ts';

const AT = '/hive/key_file';
const PLACE = '/etc/vllmd/hive.key';

/** The file of the key for the registry, which systemd reads as root. */
export function hiveKeyChecks({ desired, facts }: PreflightInput): readonly Diagnostic[] {
  const path = desired.hive.keyFile;
  const said = (text: string) => `hive.key_file: ${path} ${text}`;
  const error = (text: string, help: string) => [errorAt('hive-key-file', AT, said(text), help)];
  switch (facts.hiveKey) {
    case 'absent':
      return error(
        'is not there, or cannot be seen',
        'put a key of `auth.node_api_keys` of the registry there; sudo sees all',
      );
    case 'no-file':
      return error('is no regular file', 'name the file that the key is in');
    case 'exposed':
      return error(
        'can be exchanged by others than root, who reads it',
        `put it where root alone can write: sudo install -m 600 ${pastedWord(path)} ${PLACE}`,
      );
    case 'readable': {
      const help = `keep it from others: sudo chmod 600 ${pastedWord(path)}`;
      return [warningAt('hive-key-file', AT, said('can be read by others than root'), help)];
    }
    case 'private':
    case undefined:
      return [];
  }
  return facts.hiveKey satisfies never;
}
