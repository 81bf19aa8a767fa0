import { createHash } from 'node:crypto';
import type { Artefact, FileArtefact } from '../render/artefact.ts';
import {
  ETC_DIR,
  HUGEPAGES_UNIT,
  NETWORK_UNIT,
  runtimeUnit,
  TARGET_UNIT,
  UNIT_DIR,
} from '../resolve/layout.ts';
import { canonicalUnit } from './canonical-unit.ts';
import { effectiveDropIns, isProperty } from './drop-ins.ts';
import type { HostText } from './observed.ts';

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** What decides how a unit runs: a change of it asks for a restart. */
export type StartDigest = {
  readonly unit: string;
  readonly group: Artefact['group'];
  readonly digest: string;
};

/** Everything that a runtime starts from: as it shall be, as it lies on the disk, or as it was booted. */
export type StartInputs = {
  readonly template: string;
  /** vllmd's own and those of the operator. */
  readonly dropIns: readonly HostText[];
  readonly env: string;
  readonly vm: string;
};

/**
 * Cloud-init sources are no part of it: the guest reads them at its first boot only. Neither is what
 * prepares the start: what differs there stands in the runtime's own drop-in as well.
 */
export function startDigestOf({ template, dropIns, env, vm }: StartInputs): string {
  const lasting = effectiveDropIns(dropIns).filter(({ path }) => !isProperty(path));
  const unit = canonicalUnit(template, ...lasting.map(({ text }) => text));
  // A disk is made once: another base image is no reason to restart a VM that has one.
  const environment = env.replace(/^VLLMD_RUNTIME_BASE_IMAGE=.*$/m, '');
  return sha256(JSON.stringify([unit, environment, vm]));
}

/** Drop-ins of the operator, by unit. */
export type DropIns = ReadonlyMap<string, readonly HostText[]>;

/** The digests of every unit that vllmd starts by itself and watches for changes. */
export function startDigests(
  artefacts: readonly Artefact[],
  dropIns: DropIns = new Map(),
): readonly StartDigest[] {
  const files = artefacts
    .filter((artefact) => artefact.type === 'file')
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
  if (files.length === 0) return [];
  const inputs = runtimeInputs(files, dropIns);
  return [
    ...sharedDigest(NETWORK_UNIT, /\/network(\.env)?$/, files),
    ...sharedDigest(HUGEPAGES_UNIT, /\/hugepages(\.env)?$/, files),
    ...[...inputs].map(([index, input]) => ({
      unit: runtimeUnit(index),
      group: index,
      digest: startDigestOf(input),
    })),
    { unit: TARGET_UNIT, group: 'shared', digest: sha256('') },
  ];
}

function runtimeInputs(
  files: readonly FileArtefact[],
  dropIns: DropIns,
): ReadonlyMap<number, StartInputs> {
  const template = files.find(({ path }) => path === `${UNIT_DIR}/vllmd-runtime@.service`);
  const byGroup = new Map<number, FileArtefact[]>();
  for (const file of files) {
    if (file.group === 'shared') continue;
    const members = byGroup.get(file.group);
    if (members === undefined) byGroup.set(file.group, [file]);
    else members.push(file);
  }
  return new Map(
    [...byGroup].map(([index, members]) => {
      const own = members.filter(({ kind }) => kind === 'dropin');
      const textOf = (test: (file: FileArtefact) => boolean) => members.find(test)?.text ?? '';
      return [
        index,
        {
          template: template?.text ?? '',
          dropIns: [...own, ...(dropIns.get(runtimeUnit(index)) ?? [])],
          env: textOf(({ path }) => path === `${ETC_DIR}/runtime-${index}.env`),
          vm: textOf(({ kind }) => kind === 'vm'),
        },
      ];
    }),
  );
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
