import { expandPath, pathVariables } from '../config/expand-path.ts';
import { nearest } from '../config/nearest.ts';
import { keyName, shortened, showValue } from '../config/show-value.ts';
import { visible } from '../control-characters.ts';
import { type Diagnostic, errorAt } from '../diagnostic.ts';
import type { Rule } from './rule.ts';
import { sampleVariables } from './sample-variables.ts';

const KNOWN: ReadonlySet<string> = new Set(pathVariables);
const KNOWN_LIST = `${pathVariables.map((name) => `$${name}`).join(', ')} and a leading ~/`;

/** `state_dir` and `config_dir` are absolute, use known variables only (else `unknown-variable`), and have no `..` or backslash. */
export const pathSyntax: Rule = {
  id: 'path-syntax',
  check: ({ stateDir, configDir }) => [
    ...problems('/global/state_dir', stateDir),
    ...problems('/global/config_dir', configDir),
  ],
};

function problems(at: string, path: string | undefined): readonly Diagnostic[] {
  if (path === undefined) return [];
  const unknown = unknownVariables(at, path);
  if (unknown.length > 0) return unknown;
  const expanded = expandPath(path, sampleVariables);
  const got = `got ${showValue(path)}`;
  if (!expanded.startsWith('/')) {
    return [syntax(at, `must be an absolute path, ${got}`, 'start it with /, ~/ or $HOME/')];
  }
  const components = expanded.split('/');
  if (components.includes('..')) return [syntax(at, `must not contain \`..\`, ${got}`)];
  if (expanded.includes('\\')) return [syntax(at, `must not contain a backslash, ${got}`)];
  if (components.every((component) => component === '' || component === '.')) {
    return [syntax(at, `must be a directory below /, ${got}`)];
  }
  return [];
}

function syntax(at: string, text: string, help?: string): Diagnostic {
  return errorAt('path-syntax', at, `${keyName(at)}: ${text}`, help);
}

function unknownVariables(at: string, path: string): readonly Diagnostic[] {
  return [...path.matchAll(/\$(?:\{([^}]*)\}|(\w*))/g)].flatMap(([written, braced, bare]) => {
    const name = braced ?? bare ?? '';
    if (KNOWN.has(name)) return [];
    const meant = nearest(name, pathVariables);
    const guess = meant === undefined ? '' : `; did you mean \`$${meant}\`?`;
    return [
      errorAt(
        'unknown-variable',
        at,
        `${keyName(at)}: unknown variable \`${shortened(visible(written))}\`${guess}`,
        `known are ${KNOWN_LIST}`,
      ),
    ];
  });
}
