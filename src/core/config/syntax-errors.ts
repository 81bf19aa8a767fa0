import { TomlError } from 'smol-toml';
import type { Diagnostic } from '../diagnostic.ts';
import { maskSensitive } from './mask-sensitive.ts';
import { syntaxDiagnostic } from './toml-messages.ts';

/** The text of another kind of file is wrong on each line; nobody reads more of these. */
const MOST = 20;

/** Fifty times a real config; each further error reads the text twice more. */
const LONGEST = 2 ** 18;

/** `key =` and something, or `key: ` as elsewhere: not a header, below which the keys would belong to another table. */
const KEY_LINE = /^\s*(?:[^\s=[#{][^=]*=|[\w-]+:\s)/;

/**
 * What is wrong with a text that the parser refuses, by its own errors: each further one is what it says of the text
 * without the lines that are known to be wrong. A line is left out only where it is one `key = value` and all of it,
 * so no error is told that comes of leaving out another; a broken header or an open list is the last one told, with a
 * word about what stands below it.
 * `parse` throws a `TomlError` at the first error of a text.
 */
export function syntaxErrors(
  text: string,
  parse: (text: string) => unknown,
): readonly Diagnostic[] {
  const most = text.length > LONGEST ? 1 : MOST;
  const diagnostics: Diagnostic[] = [];
  const lines = text.split('\n');
  const shown = maskSensitive(text).split('\n');
  for (;;) {
    const error = firstError(lines.join('\n'), parse);
    if (error === undefined) return diagnostics;
    diagnostics.push(syntaxDiagnostic(error, shown.join('\n')));
    // JSON: another kind of file, of which nothing more is to be said.
    if (text.startsWith('{')) return diagnostics;
    if (diagnostics.length === most) return unread(diagnostics, lines.slice(error.line));
    const above = lines.slice(0, error.line - 1).join('\n');
    const [line = '', ...below] = lines.slice(error.line - 1);
    if (!isWholeKey(line) || goesOn(line, below) || firstError(above, parse)) {
      return unread(diagnostics, below);
    }
    lines[error.line - 1] = '';
    shown[error.line - 1] = '';
  }
}

/** What stands below the last one was not read. */
function unread(
  diagnostics: readonly Diagnostic[],
  below: readonly string[],
): readonly Diagnostic[] {
  const last = diagnostics.at(-1);
  if (last === undefined || below.every((line) => /^\s*(?:#|$)/.test(line))) return diagnostics;
  const help = [...(last.help === undefined ? [] : [last.help]), UNREAD].join('\n');
  return [...diagnostics.slice(0, -1), { ...last, help }];
}

const UNREAD = 'what stands below was not read: there may be more';

function firstError(text: string, parse: (text: string) => unknown): TomlError | undefined {
  try {
    parse(text);
    return undefined;
  } catch (error) {
    if (error instanceof TomlError) return error;
    throw error;
  }
}

/** One line with a key and all of its value, though one of them is wrong. */
function isWholeKey(line: string): boolean {
  if (!KEY_LINE.test(line) || /"""|'''/.test(line)) return false;
  // A string that is not closed ends with its line.
  const bare = line.replaceAll(/"(?:[^"\\]|\\.)*(?:"|\\?$)|'[^']*(?:'|$)|#.*/g, '');
  return count(bare, '[') === count(bare, ']') && count(bare, '{') === count(bare, '}');
}

/** What follows may be the rest of it, as of a string that is written over two lines. */
function goesOn(line: string, below: readonly string[]): boolean {
  const next = below.find((one) => one.trim() !== '');
  // Its value may be the list on the next line.
  if (/=\s*(?:#.*)?$/.test(line) && next?.trimStart().startsWith('[') === true) return true;
  return next !== undefined && !KEY_LINE.test(next) && !/^\s*[[#]/.test(next);
}

function count(text: string, character: string): number {
  return text.split(character).length;
}
