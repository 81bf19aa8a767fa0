import { type AST, parseTOML } from 'toml-eslint-parser';
import { errorAt } from '../diagnostic.ts';
import { failure, type Result, success } from '../result.ts';
import { parse } from './parse.ts';
import { newestVersion } from './schema-keys.ts';
import { validate } from './validate.ts';
import { versionOf } from './version-gate.ts';

export type Migration = {
  readonly from: number;
  readonly to: number;
  /** The whole file; as it was where it is of the newest version already. */
  readonly text: string;
};

/** Beyond it the parser that keeps positions takes seconds and gigabytes. */
const MAX_LENGTH = 2 ** 20;

/** A config of any known version, rewritten to the newest; all that stands in it keeps its form. Refuses what would not be valid. */
export function migrate(text: string): Result<Migration> {
  const parsed = parse(text);
  if (!parsed.ok) return parsed;
  const tree = parsed.value;
  const from = versionOf(tree);
  // Another version than the known ones is for `validate` to refuse.
  const isOlder = typeof from === 'number' && from >= 1 && from < newestVersion;
  const checked = validate(isOlder ? { ...tree, schema_version: newestVersion } : tree);
  if (!checked.ok) return checked;
  const to = newestVersion;
  if (!isOlder) return success({ from: to, to, text });
  if (text.length > MAX_LENGTH) return failure([tooLarge(to)]);
  return success({ from, to, text: withVersion(text, to) });
}

function tooLarge(to: number) {
  return errorAt(
    'migrate-too-large',
    '',
    'the file is too large to be rewritten',
    `write schema_version = ${to} before its first table`,
  );
}

function withVersion(text: string, version: number): string {
  const line = `schema_version = ${version}`;
  const items = parseTOML(text).body.flatMap((top) => top.body);
  const written = items.find(isVersion);
  if (written !== undefined) {
    const [start, end] = written.value.range;
    return text.slice(0, start) + version + text.slice(end);
  }
  return inserted(text, items[0], line);
}

function isVersion(node: AST.TOMLKeyValue | AST.TOMLTable): node is AST.TOMLKeyValue {
  if (node.type !== 'TOMLKeyValue') return false;
  const [key, ...more] = node.key.keys;
  return more.length === 0 && key !== undefined && nameOf(key) === 'schema_version';
}

function nameOf(key: AST.TOMLBare | AST.TOMLQuoted): string {
  return key.type === 'TOMLBare' ? key.name : key.value;
}

/** Before the first table, behind the comment that is about the whole file, before the one about the table. */
function inserted(
  text: string,
  first: AST.TOMLKeyValue | AST.TOMLTable | undefined,
  line: string,
): string {
  const lineEnd = /\r?\n/.exec(text)?.[0] ?? '\n';
  const comments = text.slice(0, startOfLine(text, first?.range[0] ?? text.length));
  const at = endOfHead(comments);
  const before = text.slice(0, at);
  const after = text.slice(at);
  const isJoined = first?.type === 'TOMLKeyValue' && at === comments.length;
  const gapAfter = isJoined || /^\r?\n/.test(after) ? '' : lineEnd;
  return before + line + lineEnd + gapAfter + after;
}

function startOfLine(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}

/**
 * Where the comment about the whole file ends: the first block of comment lines with the blank lines below it. A block
 * that touches the first table is about the table, but for what tells an editor where the schema is.
 */
function endOfHead(comments: string): number {
  const block = /^(?:[ \t]*\r?\n)*(?:[ \t]*#[^\n]*\n)+(?:[ \t]*\r?\n)+/.exec(comments)?.[0] ?? '';
  const directives = [...comments.matchAll(/^[ \t]*#[^\n]*\n/gm)].filter(([line]) =>
    isDirective(line),
  );
  const last = directives.at(-1);
  return Math.max(block.length, last === undefined ? 0 : last.index + last[0].length);
}

function isDirective(line: string): boolean {
  return /^[ \t]*#(?::schema\b|[ \t]*\$schema\b)/.test(line);
}
