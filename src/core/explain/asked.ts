import { visible } from '../control-characters.ts';
import { VllmdError } from '../failure.ts';
import type { Materials } from '../render/materials.ts';
import { keyNamed } from './key-named.ts';
import { artefactsNamed, nearestPaths, placeOf } from './named-artefacts.ts';
import { linesOf, type TextArtefact, textsOf } from './scope.ts';

/** What an argument of `vllmd explain` means. */
export type Asked =
  | { readonly kind: 'line'; readonly artefact: TextArtefact; readonly line: number }
  | { readonly kind: 'files'; readonly artefacts: readonly TextArtefact[] }
  | { readonly kind: 'keys'; readonly pointers: readonly string[] };

/** `absolute` makes a path of a name as it is seen from the working directory. Throws where the name means nothing here. */
export function askedOf(
  subject: string,
  absolute: (name: string) => string,
  materials: Materials,
): Asked {
  const artefacts = textsOf({ kind: 'all' }, materials);
  const { name, line } = placeOf(subject);
  const key = keyNamed(subject, materials.input);
  // A table may be called as a script is: `network`. No key is spelt as a path is.
  if (key?.kind === 'pointers') return { kind: 'keys', pointers: key.pointers };
  const named = artefactsNamed(name, absolute(name), artefacts);
  if (named.length > 0) return inFiles(name, line, named);
  if (key === undefined) throw unknown(name, artefacts);
  throw nothing(key.message, key.help);
}

function inFiles(
  name: string,
  line: number | undefined,
  artefacts: readonly TextArtefact[],
): Asked {
  if (line === undefined) return { kind: 'files', artefacts };
  const [artefact, another] = artefacts;
  if (artefact === undefined || another !== undefined) {
    const paths = artefacts.map(({ path }) => `${path}:${line}`).join(' or ');
    throw nothing(
      `${visible(name)} is ${artefacts.length} files, and a line is of one`,
      `name it: ${paths}`,
    );
  }
  const count = linesOf(artefact).length;
  if (line >= 1 && line <= count) return { kind: 'line', artefact, line };
  throw nothing(`${artefact.path} has no line ${line}`, `it has ${count}, counted from 1`);
}

function unknown(name: string, artefacts: readonly TextArtefact[]): VllmdError {
  const near = nearestPaths(
    name,
    artefacts.map(({ path }) => path),
  );
  const help =
    near.length > 0
      ? `did you mean ${near.join(' or ')}?`
      : 'name a file or unit that the config makes, or a key as runtimes[0].memory_gb; `vllmd render --out DIR` writes all files';
  return nothing(`${visible(name)} is no file, unit or key of this config`, help);
}

function nothing(message: string, help: string): VllmdError {
  return new VllmdError('unexpected', message, help);
}
