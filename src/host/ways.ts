import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import type { Entry, Exposure } from '../core/plan/observed.ts';
import { pastedWord } from '../core/shell-word.ts';
import { absenceOr } from './absence.ts';
import { resolveTarget } from './walk.ts';

/** How a directory is reached. */
export type Way =
  /** Only root and the caller can change the way and the directory: `real` stays what it is. */
  | { readonly kind: 'own'; readonly real: string }
  /** The way to `real` is root's, but others can change what is in it, and so what the names lead to from there on. */
  | {
      readonly kind: 'shared';
      readonly real: string;
      readonly names: readonly string[];
      readonly why: string;
    }
  | { readonly kind: 'blocked'; readonly entry: Entry };

/** Ways to directories below `root`, by names without links. What others can change is never remembered. */
export class Ways {
  readonly #root: string;
  readonly #uid: number;
  readonly #known = new Map<string, Way>();

  constructor(root: string, uid: number) {
    this.#root = root;
    this.#uid = uid;
  }

  forget(): void {
    this.#known.clear();
  }

  to(path: string): Way {
    const known = this.#known.get(path);
    if (known !== undefined) return known;
    const way = path === '/' ? this.#arrive('/', this.#look('/')) : this.#step(path);
    this.#known.set(path, way);
    return way;
  }

  /** What others than root and the caller could have changed of a file or directory, and of the way to it. */
  exposure(path: string): Exposure | undefined {
    const way = this.to(path);
    if (way.kind === 'shared') return asExposure(way);
    const above = this.to(parentOf(path));
    if (way.kind === 'own' || above.kind !== 'own') return undefined;
    const stats = this.#lookIfThere(joined(above.real, nameOf(path)));
    if (stats?.isFile() !== true) return undefined;
    const why = whyExposed(stats, this.#uid);
    if (why !== undefined) return { path, why, help: makeOwn(path) };
    if (stats.nlink === 1) return undefined;
    const help = `find its other names: sudo find / -xdev -samefile ${pastedWord(path)}`;
    return { path, why: 'has several names', help };
  }

  #step(path: string): Way {
    const above = this.to(parentOf(path));
    if (above.kind === 'blocked') return above;
    if (above.kind === 'shared') return { ...above, names: [...above.names, nameOf(path)] };
    const real = joined(above.real, nameOf(path));
    try {
      const stats = this.#look(real);
      if (stats.isSymbolicLink()) return this.#follow(path, above.real, real, stats);
      if (stats.isDirectory()) return this.#arrive(real, stats);
      return { kind: 'blocked', entry: { type: 'other', what: 'file' } };
    } catch (error) {
      const entry = absenceOr<Entry>(error, { type: 'absent' }, { type: 'hidden' });
      return { kind: 'blocked', entry };
    }
  }

  #follow(path: string, above: string, real: string, link: Stats): Way {
    const unsafe: Way = { kind: 'blocked', entry: { type: 'unsafe', link: path } };
    if (link.uid !== 0 && link.uid !== this.#uid) return unsafe;
    // A link to itself is met again here while it is still being looked at.
    this.#known.set(path, unsafe);
    const target = resolveTarget(above.split('/').filter(Boolean), readlinkSync(this.#root + real));
    return this.to(`/${target.join('/')}`);
  }

  #arrive(real: string, stats: Stats): Way {
    const why = whyExposed(stats, this.#uid);
    return why === undefined ? { kind: 'own', real } : { kind: 'shared', real, names: [], why };
  }

  #look(real: string): Stats {
    return lstatSync(this.#root + real);
  }

  #lookIfThere(real: string): Stats | undefined {
    try {
      return this.#look(real);
    } catch (error) {
      return absenceOr(error, undefined);
    }
  }
}

function asExposure({ real, why }: Extract<Way, { kind: 'shared' }>): Exposure {
  return { path: real, why, help: makeOwn(real) };
}

/** What to type so that root alone can change it. */
export function makeOwn(path: string): string {
  const word = pastedWord(path);
  return `sudo chown root:root ${word} && sudo chmod go-w ${word}`;
}

/** A sticky directory counts as one that others can write: they can put names into it. */
function whyExposed({ mode, uid }: Stats, caller: number): string | undefined {
  if (uid !== 0 && uid !== caller) return `belongs to uid ${uid}`;
  if ((mode & 0o002) !== 0) return 'can be written by everybody';
  return (mode & 0o020) === 0 ? undefined : 'can be written by its group';
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function joined(directory: string, name: string): string {
  return directory === '/' ? `/${name}` : `${directory}/${name}`;
}
