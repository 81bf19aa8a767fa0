import { structuredPatch } from 'diff';
import { visibleLines } from '../control-characters.ts';

export type TextDiffOptions = {
  readonly path: string;
  /** undefined where there was, or will be, no file. */
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly sensitive: boolean;
};

const CONTEXT_LINES = 3;

/** Lines of a unified diff with its two headers; values of sensitive text do not appear. */
export function textDiff({ path, before, after, sensitive }: TextDiffOptions): readonly string[] {
  const headers = [
    `--- ${before === undefined ? '/dev/null' : path}`,
    `+++ ${after === undefined ? '/dev/null' : path}`,
  ];
  const lines = hunks(before, after);
  if (!sensitive) return [...headers, ...lines.map(visibleLines)];
  // Of environment files the keys can be shown; in other text anything may be part of a secret.
  return [...headers, ...(path.endsWith('.env') ? lines.map(withoutValue) : counts(lines))];
}

function counts(lines: readonly string[]): readonly string[] {
  return (['-', '+'] as const).flatMap((sign) => {
    const count = lines.filter((line) => line.startsWith(sign)).length;
    if (count === 0) return [];
    return [`${sign}(sensitive, ${count} ${count === 1 ? 'line' : 'lines'})`];
  });
}

function hunks(before: string | undefined, after: string | undefined): readonly string[] {
  // A whole file needs no comparison, and a first install consists of these.
  if (before === undefined) return wholeFile('+', after ?? '');
  if (after === undefined) return wholeFile('-', before);
  const patch = structuredPatch('', '', before, after, '', '', { context: CONTEXT_LINES });
  return patch.hunks.flatMap((hunk) => [
    `@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@`,
    ...hunk.lines,
  ]);
}

function wholeFile(sign: '+' | '-', text: string): readonly string[] {
  if (text === '') return [];
  const lines = text.split('\n');
  const endsWithNewline = lines.at(-1) === '';
  if (endsWithNewline) lines.pop();
  const [old, now] = sign === '+' ? ['0,0', `1,${lines.length}`] : [`1,${lines.length}`, '0,0'];
  return [
    `@@ -${old} +${now} @@`,
    ...lines.map((line) => sign + line),
    ...(endsWithNewline ? [] : ['\\ No newline at end of file']),
  ];
}

function withoutValue(line: string): string {
  const sign = line.slice(0, 1);
  if (sign === '@' || sign === '\\') return line;
  const key = /^\s*[\w.-]+/.exec(line.slice(1))?.[0];
  const change = sign === ' ' ? 'sensitive' : 'sensitive, changed';
  return key === undefined ? `${sign}(${change})` : `${sign}${key}=(${change})`;
}
