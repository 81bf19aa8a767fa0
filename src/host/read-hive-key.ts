import type { HiveKeyFacts } from '../core/facts/facts.ts';
import type { Desired } from '../core/resolve/desired.ts';
import type { HostReader } from './host.ts';

const OTHERS = 0o077;

/** What there is to know of the file of the key for the registry, without reading it; undefined where none is named. */
export async function readHiveKey(
  host: HostReader,
  { hive }: Pick<Desired, 'hive'>,
): Promise<HiveKeyFacts | undefined> {
  if (hive.keyFile === '') return undefined;
  const found = await host.stat(hive.keyFile);
  if (found === undefined) return 'absent';
  if (found.type !== 'file') return 'no-file';
  const exposure = await host.exposure(hive.keyFile);
  if (found.uid !== 0 || exposure !== undefined) return 'exposed';
  return (found.mode & OTHERS) === 0 ? 'private' : 'readable';
}
