import { createHash } from 'node:crypto';
import { canonicalUnit } from '../../src/core/plan/canonical-unit.ts';
import type { Entry } from '../../src/core/plan/observed.ts';

/** A unit as systemd has read it from its files. */
export type Definition = {
  readonly loadState: 'loaded' | 'not-found' | 'masked' | 'bad-setting';
  readonly fragmentPath: string;
  readonly dropInPaths: readonly string[];
  /** The fragment and its drop-ins, one after the other. */
  readonly text: string;
};

type Entries = ReadonlyMap<string, Entry>;

const bases = [
  '/etc/systemd/system.control',
  '/run/systemd/system.control',
  '/run/systemd/transient',
  '/run/systemd/generator.early',
  '/etc/systemd/system',
  '/etc/systemd/system.attached',
  '/run/systemd/system',
  '/run/systemd/system.attached',
  '/run/systemd/generator',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/run/systemd/generator.late',
];

export function readDefinition(entries: Entries, unit: string): Definition {
  const names = [...new Set([unit, templateOf(unit)])];
  const paths = names.flatMap((name) => bases.map((base) => `${base}/${name}`));
  const fragmentPath = paths.find((path) => entries.has(path));
  const none = { fragmentPath: '', dropInPaths: [], text: '' };
  if (fragmentPath === undefined) return { ...none, loadState: 'not-found' };
  const fragment = entries.get(fragmentPath);
  if (fragment?.type !== 'file') return { ...none, loadState: 'masked' };
  const dropInPaths = findDropIns(entries, unit);
  const texts = [fragmentPath, ...dropInPaths].map((path) => textOf(entries, path));
  const text = texts.join('\n').replaceAll('%i', instanceOf(unit));
  return {
    loadState: isBroken(unit, text) ? 'bad-setting' : 'loaded',
    fragmentPath,
    dropInPaths,
    text,
  };
}

/** A digest of what a service with this definition starts from: what its unit says, its environment and its programs. */
export function sourcesOf(entries: Entries, { text }: Pick<Definition, 'text'>): string {
  const environment = valuesOf(text, 'EnvironmentFile').map((path) => path.replace(/^-/, ''));
  const programs = valuesOf(text, 'ExecStart').map(
    (command) => /^[^/]*(\S*)/.exec(command)?.[1] ?? '',
  );
  const texts = [...environment, ...programs].map((path) => textOf(entries, path));
  return createHash('sha256')
    .update(JSON.stringify([canonicalUnit(text), texts]))
    .digest('hex');
}

/** systemd refuses what it cannot read, for which a line BROKEN stands, and a service that does not start one thing. */
function isBroken(unit: string, text: string): boolean {
  if (/^BROKEN$/m.test(text)) return true;
  if (!unit.endsWith('.service')) return false;
  const { length } = valuesOf(text, 'ExecStart');
  return length === 0 || (length > 1 && !valuesOf(text, 'Type').includes('oneshot'));
}

/** All drop-ins of a unit: of two with the same name the one of the more special directory. */
export function findDropIns(entries: Entries, unit: string): readonly string[] {
  const found = new Map<string, string>();
  for (const directory of dropInDirectories(unit)) {
    for (const base of bases) {
      for (const name of confFiles(entries, `${base}/${directory}`)) {
        if (!found.has(name)) found.set(name, `${base}/${directory}/${name}`);
      }
    }
  }
  return [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, path]) => path)
    .filter((path) => entries.get(path)?.type === 'file');
}

/** From the most special one; `vllmd-.service.d` is for all names that begin so. */
function dropInDirectories(unit: string): readonly string[] {
  const type = unit.slice(unit.lastIndexOf('.'));
  const stem = unit.slice(0, unit.includes('@') ? unit.indexOf('@') : unit.lastIndexOf('.'));
  const prefixes = [...stem.matchAll(/-/g)].map(({ index }) => stem.slice(0, index + 1)).reverse();
  const names = [unit, templateOf(unit), ...prefixes.map((prefix) => prefix + type), type.slice(1)];
  return [...new Set(names)].map((name) => `${name}.d`);
}

function confFiles(entries: Entries, directory: string): readonly string[] {
  if (!entries.has(directory)) return [];
  return [...entries.keys()]
    .filter((path) => path.startsWith(`${directory}/`) && path.endsWith('.conf'))
    .map((path) => path.slice(directory.length + 1));
}

/** The units that links in `UNIT.wants/` name. */
export function wantedByLinks(entries: Entries, unit: string): readonly string[] {
  const directory = `/etc/systemd/system/${unit}.wants/`;
  return [...entries.keys()]
    .filter((path) => path.startsWith(directory))
    .map((path) => path.slice(directory.length));
}

/** All values of a key; an empty one takes back those before it. */
export function valuesOf(text: string, key: string): readonly string[] {
  const values: string[] = [];
  for (const [, value = ''] of text.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))) {
    if (value === '') values.length = 0;
    else values.push(value);
  }
  return values;
}

export function textOf(entries: Entries, path: string): string {
  const entry = entries.get(path);
  return entry?.type === 'file' ? entry.text : '';
}

function templateOf(unit: string): string {
  return unit.replace(/@.*(?=\.[a-z]+$)/, '@');
}

export function instanceOf(unit: string): string {
  return /@(.*)\.[a-z]+$/.exec(unit)?.[1] ?? '';
}
