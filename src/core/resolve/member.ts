import { LLAMA_TARGET_UNIT, llamaUnit, runtimeUnit, TARGET_UNIT, UNIT_DIR } from './layout.ts';

/** A llama.cpp instance, by its name. */
export type InstanceKey = `instance:${string}`;

/** What starts, stops and goes back by itself: a runtime by its index, or an instance. */
export type Member = number | InstanceKey;

const PREFIX = 'instance:';

export function instanceKey(name: string): InstanceKey {
  return `${PREFIX}${name}`;
}

/** What can stand in the name of a unit as it is, and of a file. */
const NAME = /^[A-Za-z0-9][\w.-]*$/;

/** Of a record, which is not trusted. */
export function isMember(value: unknown): value is Member {
  if (typeof value !== 'string') return Number.isInteger(value);
  return value.startsWith(PREFIX) && NAME.test(value.slice(PREFIX.length));
}

/** An index, or the name of an instance. */
export function memberName(member: Member): number | string {
  return typeof member === 'number' ? member : member.slice(PREFIX.length);
}

export function memberUnit(member: Member): string {
  return typeof member === 'number' ? runtimeUnit(member) : llamaUnit(String(memberName(member)));
}

/** `vllmd-runtime@1.service` → 1; undefined for all units that belong to no member, or only prepare it. */
export function memberOfUnit(unit: string): Member | undefined {
  const [, kind, name = ''] = /^vllmd-(runtime|llama)@(.+)\.service$/.exec(unit) ?? [];
  if (kind === 'llama') return instanceKey(name);
  return /^\d+$/.test(name) ? Number(name) : undefined;
}

export function isMemberUnit(unit: string | undefined): boolean {
  return memberOfUnit(unit ?? '') !== undefined;
}

/** The unit file that all members of its kind have in common. */
export function memberTemplate(member: Member): string {
  return `${UNIT_DIR}/${typeof member === 'number' ? 'vllmd-runtime' : 'vllmd-llama'}@.service`;
}

export function memberDropIn(member: Member): string {
  return `${UNIT_DIR}/${memberUnit(member)}.d/10-vllmd.conf`;
}

/** The link that enables it. */
export function memberLink(member: Member): string {
  const target = typeof member === 'number' ? TARGET_UNIT : LLAMA_TARGET_UNIT;
  return `${UNIT_DIR}/${target}.wants/${memberUnit(member)}`;
}

/** Runtimes by their number, then instances by their name. */
export function byMember(a: Member, b: Member): number {
  if (typeof a === 'number') return typeof b === 'number' ? a - b : -1;
  if (typeof b === 'number') return 1;
  return a < b ? -1 : Number(a > b);
}

/** `runtime 1`, `instance small` */
export function memberInWords(member: Member): string {
  return `${kindInWords(member)} ${memberName(member)}`;
}

/** `runtime 1`, `runtimes 1 and 2`, `runtimes 1, 2 and 5`; those of one layer are of one kind. */
export function membersInWords(members: readonly Member[]): string {
  const sorted = members.toSorted(byMember);
  const names = sorted.map(memberName);
  const last = names.at(-1);
  const kind = kindInWords(sorted[0] ?? 0);
  if (names.length < 2) return `${kind} ${last ?? '-'}`;
  return `${kind}s ${names.slice(0, -1).join(', ')} and ${last}`;
}

export function kindInWords(member: Member): 'runtime' | 'instance' {
  return typeof member === 'number' ? 'runtime' : 'instance';
}
