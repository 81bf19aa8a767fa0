import { nearest } from '../config/nearest.ts';
import { UNIT_DIR } from '../resolve/layout.ts';
import type { TextArtefact } from './scope.ts';

/** `/etc/vllmd/network.env:4` */
export type NamedPlace = { readonly name: string; readonly line: number | undefined };

export function placeOf(argument: string): NamedPlace {
  const [, name = argument, line] = /^(.+):(\d{1,7})$/.exec(argument) ?? [];
  return { name, line: line === undefined ? undefined : Number(line) };
}

/**
 * The artefacts that a name means: a path of the host, one below a directory that `render` wrote, a unit with all its
 * files, or the end of a path. `absolute` is the name seen from the working directory.
 */
export function artefactsNamed(
  name: string,
  absolute: string,
  artefacts: readonly TextArtefact[],
): readonly TextArtefact[] {
  const exact = artefacts.filter(({ path }) => path === name);
  if (exact.length > 0) return exact;
  const unit = filesOfUnit(name, artefacts);
  if (unit.length > 0) return unit;
  const ends = artefacts.filter(({ path }) => path.endsWith(`/${name}`));
  if (ends.length > 0) return ends;
  const below = artefacts.filter(({ path }) => absolute.endsWith(path));
  return below.toSorted((a, b) => b.path.length - a.path.length).slice(0, 1);
}

const UNIT = /^[^/]+\.(?:service|slice|target)$/;

/** The fragment, of an instance that of its template, and the drop-ins; `.service` need not be typed. */
function filesOfUnit(name: string, artefacts: readonly TextArtefact[]): readonly TextArtefact[] {
  const unit = name.includes('@') && !UNIT.test(name) ? `${name}.service` : name;
  if (!UNIT.test(unit)) return [];
  const fragment = `${UNIT_DIR}/${unit.replace(/@.+(?=\.service$)/, '@')}`;
  const own = [`${UNIT_DIR}/${unit}`, fragment];
  return artefacts.filter(
    ({ path, type }) =>
      type === 'file' && (own.includes(path) || path.startsWith(`${UNIT_DIR}/${unit}.d/`)),
  );
}

const MOST = 4;

/** Paths that may have been meant, the best first. */
export function nearestPaths(name: string, paths: readonly string[]): readonly string[] {
  const last = baseName(name);
  const meant = nearest(last, [...new Set(paths.map(baseName))]);
  const folder = name.slice(0, name.lastIndexOf('/') + 1);
  const siblings = folder === '' ? [] : paths.filter((path) => path === folder + baseName(path));
  const likely = paths.filter((path) => baseName(path) === meant);
  return [...new Set([...likely, ...siblings])].slice(0, MOST);
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
