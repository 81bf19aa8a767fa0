import type { Journal } from '../../core/transaction/journal.ts';
import type { Host } from '../host.ts';
import { parentOf } from '../ways.ts';

/** The name of a file until it is whole: see `temporaryName` in replace-file.ts. */
const UNFINISHED = /^\..+\.vllmd-[0-9a-f]{12}$/;

/** Removes from the record what a process was writing when it was killed. */
export function sweepRecord(host: Host): Promise<void> {
  const { dir, generations } = host.layer.record;
  return sweep(host, [dir, generations]);
}

/** The same, wherever an install that was cut off has written. */
export function sweepChanged({ changes }: Journal, host: Host): Promise<void> {
  const paths = changes.flatMap(({ path, backup }) => [path, ...(backup ? [backup] : [])]);
  return sweep(host, paths.map(parentOf));
}

async function sweep(host: Host, directories: readonly string[]): Promise<void> {
  for (const directory of new Set(directories)) {
    // Not through a link: what lies elsewhere is none of ours.
    if ((await host.read(directory)).type !== 'directory') continue;
    const names = (await host.list(directory)) ?? [];
    for (const name of names.filter((entry) => UNFINISHED.test(entry))) {
      try {
        await host.remove(`${directory}/${name}`);
      } catch {
        // The owner of the directory may be quicker, or have made a directory of that name. Nothing reads it.
      }
    }
  }
}
