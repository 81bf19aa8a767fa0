import { hash } from 'node:crypto';
import type { Artefact, FileArtefact } from '../render/artefact.ts';
import { hostLayer, type Layer } from '../resolve/layer.ts';
import {
  ETC_DIR,
  HIVE_AGENT_UNIT,
  HUGEPAGES_UNIT,
  isVendorData,
  NETWORK_UNIT,
  UNIT_DIR,
} from '../resolve/layout.ts';
import { type Member, memberTemplate, memberUnit } from '../resolve/member.ts';
import { canonicalUnit } from './canonical-unit.ts';
import { effectiveDropIns, isProperty } from './drop-ins.ts';
import type { HostText } from './observed.ts';

export function sha256(text: string): string {
  return hash('sha256', text);
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
  /** sha256 of what the guest reads at every boot; '' where it has nothing of the kind. */
  readonly vendorData: string;
};

/**
 * Cloud-init sources are no part of it but for the vendor data: the others a guest reads at its first boot only. Neither
 * is what prepares the start: what differs there stands in the runtime's own drop-in as well.
 */
export function startDigestOf({ template, dropIns, env, vm, vendorData }: StartInputs): string {
  const lasting = effectiveDropIns(dropIns).filter(({ path }) => !isProperty(path));
  const unit = canonicalUnit(template, ...lasting.map(({ text }) => text));
  // A disk is made once: another base image is no reason to restart a VM that has one.
  const environment = env.replace(/^VLLMD_RUNTIME_BASE_IMAGE=.*$/m, '');
  const seed = vendorData === '' ? [] : [vendorData];
  return sha256(JSON.stringify([unit, environment, vm, ...seed]));
}

/** Drop-ins of the operator, by unit. */
export type DropIns = ReadonlyMap<string, readonly HostText[]>;

/** The digests of every unit that vllmd starts by itself and watches for changes. */
export function startDigests(
  artefacts: readonly Artefact[],
  dropIns: DropIns = new Map(),
  { targetUnit }: Layer = hostLayer,
): readonly StartDigest[] {
  const files = artefacts
    .filter((artefact) => artefact.type === 'file')
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
  if (files.length === 0) return [];
  const inputs = memberInputs(files, dropIns);
  return [
    ...sharedDigest(NETWORK_UNIT, files),
    ...sharedDigest(HUGEPAGES_UNIT, files),
    ...[...inputs].map(([member, input]) => ({
      unit: memberUnit(member),
      group: member,
      digest: startDigestOf(input),
    })),
    { unit: targetUnit, group: 'shared', digest: sha256('') },
    ...sharedDigest(HIVE_AGENT_UNIT, files),
  ];
}

function memberInputs(
  files: readonly FileArtefact[],
  dropIns: DropIns,
): ReadonlyMap<Member, StartInputs> {
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  const byGroup = new Map<Member, FileArtefact[]>();
  for (const file of files) {
    if (file.group === 'shared') continue;
    const members = byGroup.get(file.group);
    if (members === undefined) byGroup.set(file.group, [file]);
    else members.push(file);
  }
  return new Map(
    [...byGroup].map(([member, own]) => [
      member,
      {
        template: texts.get(memberTemplate(member)) ?? '',
        dropIns: [
          ...own.filter(({ kind }) => kind === 'dropin'),
          ...(dropIns.get(memberUnit(member)) ?? []),
        ],
        env: environmentOf(member, own),
        vm: own.find(({ kind }) => kind === 'vm')?.text ?? '',
        vendorData: digestOf(own.find(({ path }) => isVendorData(path))),
      },
    ]),
  );
}

/** Of a runtime root's copy of it; an instance may have a second file, with its secrets. */
function environmentOf(member: Member, own: readonly FileArtefact[]): string {
  const isRead = ({ path, kind }: FileArtefact) =>
    typeof member === 'number' ? path === `${ETC_DIR}/runtime-${member}.env` : kind === 'env';
  return own
    .filter(isRead)
    .map(({ text }) => text)
    .join('\n');
}

/** Of a file that is not there, and of one without a text: ''. */
function digestOf({ text }: Pick<FileArtefact, 'text'> = { text: '' }): string {
  return text === '' ? '' : sha256(text);
}

/** What a unit that belongs to no runtime starts from, besides its own file. */
const ownFiles = new Map([
  [NETWORK_UNIT, /\/network(\.env)?$/],
  [HUGEPAGES_UNIT, /\/hugepages(\.env)?$/],
  [HIVE_AGENT_UNIT, /\/hive-(agent\.env|inventory\.json)$/],
]);

/** Whether a unit that belongs to no runtime starts from this file. */
export function startsFrom(unit: string, path: string): boolean {
  return path === `${UNIT_DIR}/${unit}` || ownFiles.get(unit)?.test(path) === true;
}

function sharedDigest(unit: string, files: readonly FileArtefact[]): readonly StartDigest[] {
  const unitFile = files.find((file) => file.path === `${UNIT_DIR}/${unit}`);
  if (unitFile === undefined) return [];
  const own = files.filter((file) => file !== unitFile && startsFrom(unit, file.path));
  const texts = own.map((file) => file.text);
  const digest = sha256(JSON.stringify([canonicalUnit(unitFile.text), ...texts]));
  return [{ unit, group: 'shared', digest }];
}
