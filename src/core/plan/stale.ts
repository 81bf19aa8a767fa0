import { isRecoverUnit } from '../resolve/layer.ts';
import type { Change } from './change.ts';
import { leadsTo } from './changes.ts';
import {
  type CompareContext,
  type Comparison,
  canGiveWay,
  isKept,
  keep,
  lastText,
} from './comparison.ts';
import { sha256 } from './digest.ts';
import { nameOf } from './drop-ins.ts';
import type { Manifest, ManifestFile } from './manifest.ts';
import { absent, type Observed } from './observed.ts';
import { DATA_FILES, isRuntimeDirectory, runtimeOfDirectory } from './own-directories.ts';

/** Whose disks go as well; those of runtimes that the config has are never among them. */
export type PurgeData = 'none' | 'all' | readonly number[];

export type StaleOptions = {
  /** Paths that the config still asks for. */
  readonly wanted: ReadonlySet<string>;
  readonly purgeData: PurgeData;
};

/** What vllmd once wrote and the config no longer asks for: files and links first, then directories, deepest first. */
export function addStale(
  manifest: Manifest,
  options: StaleOptions,
  context: CompareContext,
  result: Comparison,
): void {
  const { observed } = context;
  for (const file of manifest.files) {
    if (!options.wanted.has(file.path)) staleFile(file, context, result);
  }
  for (const link of manifest.links) {
    const actual = observed.entries.get(link.path) ?? absent;
    // A link that leads elsewhere by now is the operator's own.
    const isOurs = actual.type === 'link' && leadsTo(link.path, actual.target, link.target);
    if (!options.wanted.has(link.path) && isOurs) {
      const change = removal('link', link.path, link.group, actual);
      result.changes.push({ ...change, ...restored(link, observed, result) });
    }
  }
  putRecoveryLast(result);
  addData(manifest, observed, options, result);
  addEmptyDirectories(manifest, observed, options.wanted, result);
}

/** What takes a removal back after a power cut goes when nothing else is left to take back: first its link. */
function putRecoveryLast({ changes }: Comparison): void {
  const own = changes
    .filter(({ verb, path }) => verb === 'delete' && isRecoverUnit(nameOf(path)))
    .toSorted((a, b) => Number(b.type === 'link') - Number(a.type === 'link'));
  for (const change of own) {
    changes.splice(changes.indexOf(change), 1);
    changes.push(change);
  }
}

/** Deepest first; a directory goes when everything in it goes. */
function addEmptyDirectories(
  manifest: Manifest,
  observed: Observed,
  wanted: ReadonlySet<string>,
  result: Comparison,
): void {
  const going = new Set(
    result.changes
      .filter(({ verb, restores }) => verb === 'delete' && restores === undefined)
      .map((change) => change.path),
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

function staleFile(file: ManifestFile, context: CompareContext, result: Comparison): void {
  const { path, group, secret: sensitive } = file;
  const actual = context.observed.entries.get(path) ?? absent;
  const change = { ...removal('file', path, group, actual), sensitive };
  if (actual.type === 'absent') goneAlready(file, result);
  else if (actual.type === 'hidden') result.notices.push({ path, text: 'unknown (needs root)' });
  else if (actual.type === 'file' && sha256(actual.text) === file.sha256) {
    result.changes.push({ ...change, ...restored(file, context.observed, result) });
  } else if (isKept(file, actual, context.choices)) keep(path, actual, context, result);
  else if (context.choices.overwriteDrift.includes(path) && canGiveWay(actual)) {
    const more = { reason: 'drift-overwritten', keepsBackup: true } as const;
    result.changes.push({ ...change, ...restored(file, context.observed, result), ...more });
  } else {
    result.conflicts.push({
      kind: actual.type === 'unsafe' ? 'unsafe' : 'drifted',
      path,
      detail: 'it is no longer asked for, but was changed after vllmd wrote it',
      actual,
      sensitive,
      ...lastText(file, context),
    });
  }
}

/** Whoever removed vllmd's file wants none there: what it had replaced stays where it is kept. */
function goneAlready({ path, backup }: ManifestFile, result: Comparison): void {
  if (backup === undefined) return;
  const text = `was removed by hand; what was there before vllmd is kept in ${backup}`;
  result.notices.push({ path, text });
}

function restored(
  { path, backup }: { readonly path: string; readonly backup?: string },
  observed: Observed,
  result: Comparison,
): { reason?: string; restores?: string } {
  if (backup === undefined) return {};
  if (observed.entries.get(backup)?.type !== 'absent') {
    return { reason: 'restores-adopted', restores: backup };
  }
  const text = `what was there before vllmd was kept in ${backup}, and is gone: nothing comes back`;
  result.notices.push({ path, text });
  return {};
}

function addData(
  { dirs }: Manifest,
  observed: Observed,
  { purgeData, wanted }: StaleOptions,
  result: Comparison,
): void {
  if (purgeData === 'none') return;
  const chosen = (path: string) =>
    purgeData === 'all' || purgeData.includes(runtimeOfDirectory(path) ?? -1);
  for (const path of dirs.filter(isRuntimeDirectory)) {
    if (wanted.has(path) || !chosen(path)) continue;
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
