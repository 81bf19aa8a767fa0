import { posix } from 'node:path';
import { passes } from './name-filters.ts';
import { isFailed, type RecordedOutput, type Recording } from './recording.ts';

type Presence = 'there' | 'absent' | 'unknown';

/** What other answers say of a path that was not asked for itself. */
export function presence(recording: Recording, path: string): Presence {
  const own = seenItself(recording, path);
  if (own !== 'unknown' || path === '/' || !path.startsWith('/')) return own;
  const above = posix.dirname(path);
  const listed = seenInList(recording, above, posix.basename(path));
  if (listed !== 'unknown') return listed;
  return presence(recording, above) === 'absent' ? 'absent' : 'unknown';
}

function seenItself({ read, exists, stat }: Recording, path: string): Presence {
  const entry = read.get(path);
  if (entry !== undefined && !isFailed(entry) && entry.type !== 'hidden') {
    return entry.type === 'absent' ? 'absent' : 'there';
  }
  if (exists.get(path) === false) return 'absent';
  return exists.get(path) === true || stat.get(path) !== undefined ? 'there' : 'unknown';
}

function seenInList({ list }: Recording, directory: string, name: string): Presence {
  const found = list.get(directory);
  if (found === undefined || isFailed(found) || found.names === undefined) return 'unknown';
  if (found.names.includes(name)) return 'there';
  return passes(found.only, name) ? 'absent' : 'unknown';
}

/** Units out of all that systemctl has said: it was asked for others together, when another config was looked at. */
export function unitsShown(
  recording: Recording,
  argv: readonly string[],
): RecordedOutput | undefined {
  const [program, verb, properties, , ...units] = argv;
  if (program !== 'systemctl' || verb !== 'show') return undefined;
  const start = JSON.stringify([program, verb, properties]).slice(0, -1);
  const blocks = new Map(
    [...recording.query].flatMap(([asked, found]) =>
      asked.startsWith(start) && !isFailed(found) ? blocksOf(found.stdout ?? '') : [],
    ),
  );
  if (!units.every((unit) => blocks.has(unit))) return undefined;
  return { exitCode: 0, stdout: units.map((unit) => `${blocks.get(unit)}\n`).join('\n') };
}

function blocksOf(stdout: string): readonly (readonly [string, string])[] {
  return stdout.split('\n\n').flatMap((block) => {
    const id = /^Id=(.+)$/m.exec(block)?.[1];
    return id === undefined ? [] : [[id, block.trim()] as const];
  });
}
