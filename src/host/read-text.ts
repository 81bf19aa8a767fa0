import { posix } from 'node:path';
import type { HostReader } from './host.ts';

/** The text of a regular file; '' when there is none or it may not be read. */
export async function readText(host: HostReader, path: string): Promise<string> {
  const entry = await host.read(path);
  return entry.type === 'file' ? entry.text : '';
}

/** More are no way that a distribution makes. */
const MOST_LINKS = 4;

/** The same, through links that only root can turn elsewhere: what a distribution keeps up to date in another place. */
export async function readThroughLinks(host: HostReader, path: string): Promise<string> {
  let at = path;
  for (let links = 0; links <= MOST_LINKS; links += 1) {
    const entry = await host.read(at);
    if (entry.type === 'file') return entry.text;
    if (entry.type !== 'link' || !entry.trusted) return '';
    at = posix.resolve(posix.dirname(at), entry.target);
  }
  return '';
}
