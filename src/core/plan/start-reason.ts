import { changedInstances } from '../kinds/runtime-vm/guest-llama/changed-instances.ts';
import type { Group } from '../render/artefact.ts';
import { isVendorData, UNIT_DIR } from '../resolve/layout.ts';
import { type Member, memberTemplate } from '../resolve/member.ts';
import type { Context } from './action.ts';
import type { Change } from './change.ts';
import { startsFrom } from './digest.ts';
import { effectiveDropIns } from './drop-ins.ts';
import { type HostText, isFailed } from './observed.ts';

/** Why a unit starts that vllmd has not started before. */
export function firstReason(unit: string, group: Group, input: Context): string {
  if (group === 'shared') return 'first-install';
  if (isNew(group, input)) return 'runtime-added';
  return isFailed(input.observed.units.get(unit)) ? 'last-start-failed' : 'not-started-yet';
}

export function isNew(group: Group, { changedFiles }: Context): boolean {
  return (
    group !== 'shared' &&
    changedFiles
      .get(group)
      ?.some((change) => change.verb === 'create' && !isVendorData(change.path)) === true
  );
}

/** What has changed about a unit since it was started. */
export function changeReason(unit: string, group: Group, input: Context): string {
  const relevant = relevantChanges(unit, group, input);
  const env = relevant.find((change) => change.reason.startsWith('env-changed'));
  if (env !== undefined) return env.reason;
  const first = relevant.find(({ path }) => !isVendorData(path)) ?? relevant[0];
  if (first !== undefined) return fileReason(first);
  const dropIn = group === 'shared' ? undefined : changedDropIn(unit, group, input);
  return dropIn === undefined ? `changed-since-start: ${unit}` : `drop-in-changed: ${dropIn}`;
}

/** Of what runs in the guest the names, since its text is not shown. */
function fileReason({ path, before, after }: Change): string {
  if (!isVendorData(path)) return `file-changed: ${path}`;
  const names = changedInstances(textOf(before), textOf(after));
  return names.length === 0 ? `file-changed: ${path}` : `llama-changed: ${names.join(', ')}`;
}

function textOf(side: Change['before'] | Change['after']): string {
  return side?.type === 'file' ? side.text : '';
}

function relevantChanges(unit: string, group: Group, { changedFiles }: Context): readonly Change[] {
  const shared = changedFiles.get('shared') ?? [];
  if (group === 'shared') return shared.filter(({ path }) => startsFrom(unit, path));
  const template = shared.filter(({ path }) => path === memberTemplate(group));
  const own = changedFiles
    .get(group)
    ?.filter(
      ({ path, after }) =>
        isVendorData(path) || !(after?.type === 'file' && after.kind === 'cloud-init'),
    );
  return [...(own ?? []), ...template];
}

/** A drop-in of the operator that is not as it was when the runtime started. */
function changedDropIn(unit: string, member: Member, { observed }: Context): string | undefined {
  const now = effectiveDropIns(observed.dropIns.get(unit) ?? []);
  const booted = typeof member === 'number' ? observed.booted.get(member) : undefined;
  if (booted === undefined) return now[0]?.path;
  const before = effectiveDropIns(booted.filter(isOfOperator));
  const changed = now.find(({ path, text }) => !before.some(isSame(path, text)));
  const gone = before.find(({ path }) => !now.some((dropIn) => dropIn.path === path));
  return changed?.path ?? gone?.path;
}

function isSame(path: string, text: string): (dropIn: HostText) => boolean {
  return (dropIn) => dropIn.path === path && dropIn.text === text;
}

function isOfOperator({ path }: HostText): boolean {
  return (
    path.endsWith('.conf') &&
    !(path.startsWith(`${UNIT_DIR}/vllmd-runtime@`) && path.endsWith('.service.d/10-vllmd.conf'))
  );
}
