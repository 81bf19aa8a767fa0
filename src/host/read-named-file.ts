import type { Diagnostic } from '../core/diagnostic.ts';
import type { HostReader } from './host.ts';

/** The text of a file that a config names, or what keeps it from being read. */
export type NamedFile =
  | { readonly text: string; readonly why?: undefined }
  | { readonly why: Pick<Diagnostic, 'severity' | 'message' | 'help'> };

/** Read as everything else of an account that is not root: never through a link that somebody could turn elsewhere. */
export async function readNamedFile(host: HostReader, path: string): Promise<NamedFile> {
  const entry = await host.read(path);
  if (entry.type === 'file') return { text: entry.text };
  if (entry.type !== 'hidden') {
    const found = entry.type === 'absent' ? 'does not exist' : 'is no regular file';
    return error(found, 'name a regular file; links are not followed');
  }
  if (entry.isUnrecorded !== true) return error('may not be read', 'run it with sudo');
  const message = 'is not told by the recording: the guests are shown without it';
  const help = 'the text of this file is in no recording; on the host itself it is checked too';
  return { why: { severity: 'warning', message, help } };
}

function error(message: string, help: string): NamedFile {
  return { why: { severity: 'error', message, help } };
}
