import { createHash } from 'node:crypto';
import type { Artefact, FileArtefact } from '../render/artefact.ts';
import {
  HUGEPAGES_UNIT,
  NETWORK_UNIT,
  runtimeUnit,
  TARGET_UNIT,
  UNIT_DIR,
} from '../resolve/layout.ts';

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Keys of [Unit] that do not decide how a unit runs. */
const ignored = new Set([
  'Description',
  'Documentation',
  'OnFailure',
  'OnSuccess',
  'OnFailureJobMode',
  'IgnoreOnIsolate',
  'StopWhenUnneeded',
  'RefuseManualStart',
  'RefuseManualStop',
  'AllowIsolate',
  'CollectMode',
  'SourcePath',
]);

/** A unit file without comments and ignored keys; the order of different keys does not count. */
export function canonicalUnit(text: string): string {
  const entries = new Map<string, string[]>();
  let section = '';
  const lines = text.split('\n').map((line) => line.trim());
  for (const line of lines.filter((candidate) => /^[^#;]/.test(candidate))) {
    if (line.startsWith('[')) section = line;
    const key = line.slice(0, line.indexOf('='));
    if (line.startsWith('[') || isIgnored(section, key)) continue;
    const name = `${section}${key}`;
    entries.set(name, [...(entries.get(name) ?? []), line.slice(key.length + 1)]);
  }
  return JSON.stringify([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function isIgnored(section: string, key: string): boolean {
  return (
    section === '[Install]' || key.startsWith('X-') || (section === '[Unit]' && ignored.has(key))
  );
}

/** What decides how a unit runs: a change of it asks for a restart. */
export type StartDigest = {
  readonly unit: string;
  readonly group: Artefact['group'];
  readonly digest: string;
};

/** The digests of every unit that vllmd starts by itself and watches for changes. */
export function startDigests(artefacts: readonly Artefact[]): readonly StartDigest[] {
  const files = artefacts
    .filter((artefact) => artefact.type === 'file')
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const unitText = (name: string) =>
    canonicalUnit(files.find((file) => file.path === `${UNIT_DIR}/${name}`)?.text ?? '');
  const template = unitText('vllmd-runtime@.service');
  const byGroup = new Map<number, FileArtefact[]>();
  for (const file of files) {
    if (file.group === 'shared') continue;
    byGroup.set(file.group, [...(byGroup.get(file.group) ?? []), file]);
  }
  const runtimes = [...byGroup].map(([index, members]) => ({
    unit: runtimeUnit(index),
    group: index,
    digest: sha256(JSON.stringify([template, ...members.map(startText)])),
  }));
  if (files.length === 0) return [];
  return [
    ...sharedDigest(NETWORK_UNIT, /\/network(\.env)?$/, files),
    ...sharedDigest(HUGEPAGES_UNIT, /\/hugepages(\.env)?$/, files),
    ...runtimes,
    { unit: TARGET_UNIT, group: 'shared', digest: sha256('') },
  ];
}

/** Of a unit that all runtimes need, with its script and its environment. */
function sharedDigest(
  unit: string,
  own: RegExp,
  files: readonly FileArtefact[],
): readonly StartDigest[] {
  const unitFile = files.find((file) => file.path === `${UNIT_DIR}/${unit}`);
  if (unitFile === undefined) return [];
  const texts = files.filter((file) => own.test(file.path)).map((file) => file.text);
  const digest = sha256(JSON.stringify([canonicalUnit(unitFile.text), ...texts]));
  return [{ unit, group: 'shared', digest }];
}

/** Cloud-init sources are left out: the guest reads them at its first boot only. */
function startText(file: FileArtefact): string {
  if (file.kind === 'cloud-init') return '';
  if (file.kind === 'dropin') return canonicalUnit(file.text);
  // A disk is made once: another base image is no reason to restart a VM that has one.
  return file.kind === 'env' ? file.text.replace(/^VLLMD_RUNTIME_BASE_IMAGE=.*$/m, '') : file.text;
}
