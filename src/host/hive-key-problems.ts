import { type Diagnostic, errorAt } from '../core/diagnostic.ts';
import type { Desired } from '../core/resolve/desired.ts';
import { pastedWord } from '../core/shell-word.ts';
import type { HostReader } from './host.ts';

const AT = '/hive/key_file';
const PLACE = '/etc/vllmd/hive.key';
const OTHERS = 0o077;

/** What is wrong with the file of the key for the registry. systemd reads it as root; it is not read here. */
export async function hiveKeyProblems(
  host: HostReader,
  { hive }: Desired,
): Promise<readonly Diagnostic[]> {
  const path = hive.keyFile;
  if (path === '') return [];
  const problem = (text: string, help: string) =>
    errorAt('hive-key-file', AT, `hive.key_file: ${path} ${text}`, help);
  const found = await host.stat(path);
  if (found === undefined) {
    return [problem('does not exist', 'put a key of `auth.node_api_keys` of the registry there')];
  }
  if (found.type !== 'file') {
    return [problem('is no regular file', 'name the file that the key is in')];
  }
  const exposure = await host.exposure(path);
  if (found.uid !== 0 || exposure !== undefined) {
    const help = `put it where root alone can write: sudo install -m 600 ${pastedWord(path)} ${PLACE}`;
    return [problem('can be exchanged by others than root, who reads it', help)];
  }
  if ((found.mode & OTHERS) === 0) return [];
  const help = `keep it from others: sudo chmod 600 ${pastedWord(path)}`;
  return [{ ...problem('can be read by others than root', help), severity: 'warning' }];
}
