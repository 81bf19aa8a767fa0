import { byteLength } from '../byte-length.ts';
import { expandPath, pathVariables } from '../config/expand-path.ts';
import { nearest } from '../config/nearest.ts';
import { got, problem } from '../config/problem.ts';
import { isSensitive } from '../config/schema-keys.ts';
import { shortened, showValue } from '../config/show-value.ts';
import { visible } from '../control-characters.ts';
import type { Diagnostic } from '../diagnostic.ts';
import { type PathDraft, pathDrafts } from './path-drafts.ts';
import type { Rule } from './rule.ts';
import { sampleVariables } from './sample-variables.ts';

const KNOWN: ReadonlySet<string> = new Set(pathVariables);
const KNOWN_LIST = `${pathVariables.map((name) => `$${name}`).join(', ')} and a leading ~/`;

/** Every path is absolute (`runtimes.llama.config` and `hive.llama_config` need not be), uses known variables only (else `unknown-variable`), has no `..` or backslash, and is no longer than Linux allows. */
export const pathSyntax: Rule = {
  id: 'path-syntax',
  check: ({ tree }) => pathDrafts(tree).flatMap(pathProblems),
};

export function pathProblems(draft: PathDraft): readonly Diagnostic[] {
  const { pointer: at, path, leadsTo, mayBeRelative } = draft;
  // The schema refuses an empty name of a file.
  if (path === '' && leadsTo === 'file') return [];
  const unknown = unknownVariables(at, path);
  if (unknown.length > 0) return unknown;
  const expanded = expandPath(path, sampleVariables);
  const shown = got(at, path);
  if (!expanded.startsWith('/') && !mayBeRelative) {
    return [syntax(at, `must be an absolute path${shown}`, 'start it with /, ~/ or $HOME/')];
  }
  const components = expanded.split('/');
  if (components.includes('..')) return [syntax(at, `must not contain \`..\`${shown}`)];
  if (expanded.includes('\\')) return [syntax(at, `must not contain a backslash${shown}`)];
  const isRoot = components.every((component) => component === '' || component === '.');
  if (isRoot) return [syntax(at, `must be a ${leadsTo} below /${shown}`)];
  if (leadsTo === 'file' && expanded.endsWith('/')) {
    return [syntax(at, `must be a file, not a directory${shown}`, 'name the file in it')];
  }
  return lengthProblems(at, components, LONGEST[leadsTo]);
}

/** NAME_MAX of Linux, in bytes. */
const LONGEST_NAME = 255;
/** PATH_MAX without the NUL, in bytes; of a directory without what vllmd puts below it, `/runtime-N/…`. */
const LONGEST = { file: 4095, directory: 4000 } as const;

/** A path that Linux has no room for is one that systemd leaves out of a unit. */
function lengthProblems(
  at: string,
  components: readonly string[],
  longest: number,
): readonly Diagnostic[] {
  const bytes = byteLength(components.filter((name) => name !== '' && name !== '.').join('/')) + 1;
  if (bytes > longest) {
    return [syntax(at, `must have at most ${longest} bytes, got ${bytes}`, 'choose a shorter one')];
  }
  const tooLong = components.find((name) => byteLength(name) > LONGEST_NAME);
  if (tooLong === undefined) return [];
  return [
    syntax(
      at,
      `must have at most ${LONGEST_NAME} bytes between two slashes, got ${byteLength(tooLong)}${of(at, tooLong)}`,
      'Linux has no longer names of files and directories',
    ),
  ];
}

/** `: "xxx"`; of a sensitive key nothing is told. */
function of(at: string, name: string): string {
  return isSensitive(at) ? '' : `: ${showValue(name)}`;
}

function syntax(at: string, text: string, help?: string): Diagnostic {
  return problem('path-syntax', at, text, help);
}

function unknownVariables(at: string, path: string): readonly Diagnostic[] {
  return [...path.matchAll(/\$(?:\{([^}]*)\}|(\w*))/g)].flatMap(([written, braced, bare]) => {
    const name = braced ?? bare ?? '';
    if (KNOWN.has(name)) return [];
    const meant = nearest(name, pathVariables);
    const guess = meant === undefined ? '' : `; did you mean \`$${meant}\`?`;
    const shown = isSensitive(at) ? '' : ` \`${shortened(visible(written))}\``;
    const text = `unknown variable${shown}${guess}`;
    return [problem('unknown-variable', at, text, `known are ${KNOWN_LIST}`)];
  });
}
