import type { Change } from './change.ts';
import { type Comparison, leadsTo } from './changes.ts';
import { sha256 } from './digest.ts';
import type { Manifest } from './manifest.ts';
import { absent, type Observed } from './observed.ts';
import { isRuntimeDirectory } from './own-directories.ts';

/** Files of a runtime's directory that the units make; they hold what the guest has written. */
const DATA_FILES = ['disk.raw', 'disk.raw.new', 'seed.img', 'seed.img.new'] as const;

export type StaleOptions = {
  /** Paths that the config still asks for. */
  readonly wanted: ReadonlySet<string>;
  readonly purgeData: boolean;
};

/** What vllmd once wrote and the config no longer asks for: files and links first, then directories, deepest first. */
export function addStale(
  manifest: Manifest,
  observed: Observed,
  options: StaleOptions,
  result: Comparison,
): void {
  for (const file of manifest.files) {
    if (!options.wanted.has(file.path)) staleFile(file, observed, result);
  }
  for (const link of manifest.links) {
    const actual = observed.entries.get(link.path) ?? absent;
    // A link that leads elsewhere by now is the operator's own.
    const isOurs = actual.type === 'link' && leadsTo(link.path, actual.target, link.target);
    if (!options.wanted.has(link.path) && isOurs) {
      result.changes.push(removal('link', link.path, link.group, actual));
    }
  }
  if (options.purgeData) addData(manifest, observed, result);
  addEmptyDirectories(manifest, observed, options.wanted, result);
}

/** Deepest first; a directory goes when everything in it goes. */
function addEmptyDirectories(
  manifest: Manifest,
  observed: Observed,
  wanted: ReadonlySet<string>,
  result: Comparison,
): void {
  const going = new Set(
    result.changes.filter((change) => change.verb === 'delete').map((change) => change.path),
  );
  for (const path of [...manifest.dirs].reverse()) {
    const actual = observed.entries.get(path) ?? absent;
    if (wanted.has(path) || actual.type !== 'directory') continue;
    const names = observed.listings.get(path) ?? [];
    if (!names.every((name) => going.has(`${path}/${name}`))) continue;
    going.add(path);
    result.changes.push(removal('directory', path, 'shared', actual));
  }
}

function staleFile(file: Manifest['files'][number], observed: Observed, result: Comparison): void {
  const actual = observed.entries.get(file.path) ?? absent;
  if (actual.type === 'absent') return;
  if (actual.type === 'file' && sha256(actual.text) === file.sha256) {
    result.changes.push({
      ...removal('file', file.path, file.group, actual),
      sensitive: file.secret,
    });
    return;
  }
  result.conflicts.push({
    kind: actual.type === 'unsafe' ? 'unsafe' : 'drifted',
    path: file.path,
    detail: 'it is no longer asked for, but was changed after vllmd wrote it',
    actual,
    sensitive: file.secret,
  });
}

function addData(manifest: Manifest, observed: Observed, result: Comparison): void {
  for (const path of manifest.dirs.filter(isRuntimeDirectory)) {
    const present = observed.listings.get(path) ?? [];
    for (const name of DATA_FILES.filter((file) => present.includes(file))) {
      const before = { type: 'other', what: 'data' } as const;
      result.changes.push({
        ...removal('data', `${path}/${name}`, 'shared', before),
        reason: 'purge-data',
      });
    }
  }
}

function removal(
  type: Change['type'],
  path: string,
  group: Change['group'],
  before: Change['before'],
): Change {
  const reason = 'removed-from-config';
  return { verb: 'delete', type, path, group, reason, before, sensitive: false };
}
