import { nearestRule } from '../catalogue/find-rule.ts';
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
  if (named.length > 0) {
    refuseOtherRuntime(name, materials);
    return inFiles(name, line, named);
  }
  refuseOtherLine(subject, (file) => artefactsNamed(file, absolute(file), artefacts));
  if (key === undefined) throw unknown(name, artefacts);
  throw nothing(key.message, key.help);
}

/** Its fragment is a template: there for every number. */
function refuseOtherRuntime(name: string, { input: { runtimes = [] } }: Materials): void {
  const [, instance] =
    /^vllmd-runtime(?:-pre-start)?@(?!\.service$)(.+?)(?:\.service)?$/.exec(name) ?? [];
  if (instance === undefined || runtimes.some(({ index }) => String(index) === instance)) return;
  const known = runtimes.map(({ index, name: called }) => `${index} (${visible(called)})`);
  throw nothing(
    `the config has no runtime ${visible(instance)}`,
    known.length === 0 ? 'it has no [[runtimes]] at all' : `it has ${known.join(', ')}`,
  );
}

function refuseOtherLine(
  subject: string,
  filesOf: (name: string) => readonly TextArtefact[],
): void {
  const [, name = '', line = ''] = /^(.+):([^:/]*)$/.exec(subject) ?? [];
  const [artefact] = name === '' ? [] : filesOf(name);
  if (artefact === undefined) return;
  const message = `${visible(name)}:${visible(line)}: a line is named by its number`;
  throw nothing(message, `${artefact.path} has ${linesOf(artefact).length}, counted from 1`);
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
  const rule = nearestRule(name);
  if (near.length > 0) return notFound(name, `did you mean ${near.join(' or ')}?`);
  if (rule !== undefined) return notFound(name, `did you mean the rule \`vllmd explain ${rule}\`?`);
  return notFound(
    name,
    'name a file or unit that the config makes, or a key as runtimes[0].memory_gb; `vllmd render --out DIR` writes all files, `vllmd explain --rules` lists the rules',
  );
}

function notFound(name: string, help: string): VllmdError {
  const what = name.includes('/') ? 'no file' : 'no rule, and no file';
  return nothing(`${visible(name)} is ${what}, unit or key of this config`, help);
}

function nothing(message: string, help: string): VllmdError {
  return new VllmdError('notFound', message, help);
}
