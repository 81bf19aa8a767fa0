import type { Entry } from '../core/plan/observed.ts';
import { absent } from '../core/plan/observed.ts';
import type { HostReader } from './host.ts';

/** What the kernel says of a device or a process that goes away while it is looked at. */
const GONE = ['EINVAL', 'EIO', 'ENODEV', 'ENXIO', 'ESRCH'];

/** The text of an attribute without the newline at its end; '' where there is none. */
export async function attribute(host: HostReader, path: string): Promise<string> {
  const entry = await entryAt(host, path);
  return entry.type === 'file' ? entry.text.trim() : '';
}

/** Where a link leads; undefined where there is none. */
export async function linkTarget(host: HostReader, path: string): Promise<string | undefined> {
  const entry = await entryAt(host, path);
  return entry.type === 'link' ? entry.target : undefined;
}

/** The last name of where a link leads: a driver, a group. */
export async function linkName(host: HostReader, path: string): Promise<string | undefined> {
  const target = await linkTarget(host, path);
  return target?.slice(target.lastIndexOf('/') + 1);
}

/** Names in a directory, none where there is none. */
export async function names(host: HostReader, path: string): Promise<readonly string[]> {
  return (await unlessGone(host.list(path), undefined)) ?? [];
}

export async function bytes(
  host: HostReader,
  path: string,
  count: number,
): Promise<Uint8Array | undefined> {
  return unlessGone(host.readBytes(path, count), undefined);
}

function entryAt(host: HostReader, path: string): Promise<Entry> {
  return unlessGone(host.read(path), absent);
}

async function unlessGone<Value>(answer: Promise<Value>, nothing: Value): Promise<Value> {
  try {
    return await answer;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (GONE.includes(code)) return nothing;
    throw error;
  }
}
