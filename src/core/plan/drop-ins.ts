import { UNIT_DIR } from '../resolve/layout.ts';
import { type Member, memberTemplate, memberUnit } from '../resolve/member.ts';
import type { HostText } from './observed.ts';

/** Where systemd looks for units, most important first: `systemd-analyze unit-paths`. */
export const UNIT_PATH = [
  // `systemctl set-property` writes to the first two.
  '/etc/systemd/system.control',
  '/run/systemd/system.control',
  '/run/systemd/transient',
  '/run/systemd/generator.early',
  UNIT_DIR,
  '/etc/systemd/system.attached',
  '/run/systemd/system',
  '/run/systemd/system.attached',
  '/run/systemd/generator',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/run/systemd/generator.late',
] as const;

/** Directories of drop-ins that a member has in common with others, most specific first. */
export function sharedDropIns(member: Member): readonly string[] {
  return [`${nameOf(memberTemplate(member))}.d`, 'vllmd-.service.d', 'service.d'];
}

/** Where the drop-ins of a unit are, most specific first; `vllmd-.service.d` is for all names that begin so. */
export function dropInDirectories(unit: string): readonly string[] {
  const type = unit.slice(unit.lastIndexOf('.'));
  const template = unit.replace(/@.*(?=\.[a-z]+$)/, '@');
  const stem = template.slice(0, -type.length).replace(/@$/, '');
  const prefixes = [...stem.matchAll(/-/g)].map(({ index }) => stem.slice(0, index + 1));
  const above = prefixes.toReversed().map((prefix) => prefix + type);
  return [...new Set([unit, template, ...above, type.slice(1)])].map((name) => `${name}.d`);
}

export function ownDropIns(member: Member): string {
  return `${memberUnit(member)}.d`;
}

/** Of `systemctl set-property`: systemd has applied it already, so it is no reason to start anything anew. */
export function isProperty(path: string): boolean {
  return /^\/(etc|run)\/systemd\/system\.control\//.test(path);
}

/** The nodes of a runtime's GPUs, which a unit of vllmd's writes below /run at each start. */
export function isDevicesDropIn(path: string): boolean {
  return nameOf(path) === '20-vllmd-devices.conf';
}

/** Drop-ins as systemd applies them: in the order of their names, one of each name. */
export function effectiveDropIns(dropIns: readonly HostText[]): readonly HostText[] {
  const byName = new Map<string, HostText>();
  for (const dropIn of dropIns.toSorted((a, b) => rank(a.path) - rank(b.path))) {
    const name = nameOf(dropIn.path);
    if (!(isDevicesDropIn(dropIn.path) || byName.has(name))) byName.set(name, dropIn);
  }
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, dropIn]) => dropIn);
}

/** Of two drop-ins with one name the more specific one counts, then that of the operator before that of a package. */
function rank(path: string): number {
  const directory = path.slice(0, path.lastIndexOf('/'));
  const kind = directory.slice(directory.lastIndexOf('/') + 1);
  const root = UNIT_PATH.findIndex((prefix) => directory === `${prefix}/${kind}`);
  const ofEveryService = kind === 'service.d' ? 1000 : 0;
  return ofEveryService + 10 * root + breadth(kind);
}

/** Of a template before those of a prefix, and what is a unit's own before both. */
function breadth(kind: string): number {
  if (kind === 'vllmd-.service.d') return 2;
  return kind.endsWith('@.service.d') ? 1 : 0;
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
