import { bodyEnd, type HereDocument, hereDocument } from './here-document.ts';
import type { Placeholder } from './scan.ts';

/** What a placeholder stands in, so that single quotes around its value do not make one word of it. */
export type Quoting =
  | 'single quotes'
  | 'double quotes'
  | 'backslash'
  | 'backticks'
  | 'comment'
  | 'here-document'
  | 'arithmetic';

/** By the index of a placeholder; one that stands bare is not in it. Of bash's grammar it knows what quotes, and no more. */
export function quotingAt(
  command: string,
  found: readonly Placeholder[],
): ReadonlyMap<number, Quoting> {
  const lengths = new Map(found.map(({ name, index }) => [index, name.length + 2]));
  const result = new Map<number, Quoting>();
  const walk: Walk = { command, at: 0, frames: ['command'], documents: [] };
  while (walk.at < command.length) {
    const frame = walk.frames.at(-1) ?? 'command';
    const length = lengths.get(walk.at);
    const quoting = quotingOf.get(frame) ?? backticksOf(walk);
    if (length !== undefined && quoting !== undefined) result.set(walk.at, quoting);
    if (length !== undefined) pass(walk, frame, length);
    else if (walk.documents.length > 0 && isLineEnd(walk, frame))
      passDocuments(walk, found, result);
    else step(walk, frame);
  }
  return result;
}

type Walk = {
  readonly command: string;
  at: number;
  readonly frames: Frame[];
  /** Named on the line, and beginning after it. */
  readonly documents: HereDocument[];
};

/** A stretch with rules of its own. */
type Frame =
  | 'command'
  | 'substitution'
  | 'backticks'
  | 'parameter'
  | 'single'
  | 'ansi'
  | 'double'
  | 'double parameter'
  | 'escaped'
  | 'comment'
  | 'comment in backticks'
  | 'arithmetic'
  | 'parentheses';

const quotingOf: ReadonlyMap<Frame, Quoting> = new Map([
  ['single', 'single quotes'],
  ['ansi', 'single quotes'],
  ['double', 'double quotes'],
  ['double parameter', 'double quotes'],
  ['escaped', 'backslash'],
  ['comment', 'comment'],
  ['comment in backticks', 'comment'],
  ['arithmetic', 'arithmetic'],
  ['parentheses', 'arithmetic'],
]);

/** Sticky. What matches begins a frame or ends this one; with neither it is passed over. */
type Rule = readonly [at: RegExp, begins?: Frame | 'end'];

const escaped: Rule = [/\\/y, 'escaped'];
const singleQuotes: Rule = [/'/y, 'single'];
const doubleQuotes: Rule = [/\$?"/y, 'double'];
const parentheses: Rule = [/\(/y, 'parentheses'];

/** At the beginning of a word: what is before it ends one, and no backslash makes it a part of one. */
const COMMENT = /(?<=^(?:\\\n)*|(?:^|[^\\])(?:\\\\)*[\s;&|()`](?:\\\n)*)#/y;

const substitutions: readonly Rule[] = [
  [/\$\(\(/y, 'arithmetic'],
  [/\$\(/y, 'substitution'],
  [/`/y, 'backticks'],
];
const withinDouble: readonly Rule[] = [[/\$\{/y, 'double parameter'], ...substitutions];
const withinArithmetic: readonly Rule[] = [
  escaped,
  parentheses,
  singleQuotes,
  doubleQuotes,
  ...withinDouble,
];
const bare: readonly Rule[] = [
  escaped,
  singleQuotes,
  [/\$'/y, 'ansi'],
  doubleQuotes,
  [/\$\{/y, 'parameter'],
  ...substitutions,
];
const command: readonly Rule[] = [...bare, [/\(/y, 'substitution'], [COMMENT, 'comment'], [/<<</y]];

const rules: Readonly<Record<Frame, readonly Rule[]>> = {
  command,
  substitution: [[/\)/y, 'end'], ...command],
  backticks: [[/`/y, 'end'], [COMMENT, 'comment in backticks'], ...command],
  parameter: [[/\}/y, 'end'], [/[<>]\(/y, 'substitution'], ...bare],
  single: [[/'/y, 'end']],
  ansi: [escaped, [/'/y, 'end']],
  double: [escaped, [/"/y, 'end'], ...withinDouble],
  'double parameter': [escaped, [/\}/y, 'end'], singleQuotes, doubleQuotes, ...withinDouble],
  escaped: [],
  comment: [[/(?=\n)/y, 'end']],
  'comment in backticks': [[/(?=[\n`])/y, 'end']],
  arithmetic: [[/\)\)/y, 'end'], ...withinArithmetic],
  parentheses: [[/\)/y, 'end'], ...withinArithmetic],
};

const commandFrames: ReadonlySet<Frame> = new Set(['command', 'substitution', 'backticks']);

function step(walk: Walk, frame: Frame): void {
  const { frames, documents } = walk;
  for (const [at, begins] of rules[frame]) {
    at.lastIndex = walk.at;
    const [text] = at.exec(walk.command) ?? [];
    if (text === undefined) continue;
    walk.at += text.length;
    if (begins === 'end') frames.pop();
    else if (begins !== undefined) frames.push(begins);
    return;
  }
  const document = commandFrames.has(frame) ? hereDocument(walk.command, walk.at) : undefined;
  if (document !== undefined) documents.push(document);
  pass(walk, frame, document?.length ?? 1);
}

/** A backslash takes what follows it, and no more. */
function pass(walk: Walk, frame: Frame, length: number): void {
  walk.at += length;
  if (frame === 'escaped') walk.frames.pop();
}

/** They are looked for first: not even single quotes within them hide one. */
function backticksOf({ frames }: Walk): Quoting | undefined {
  return frames.includes('backticks') ? 'backticks' : undefined;
}

function isLineEnd({ command: text, at }: Walk, frame: Frame): boolean {
  return text[at] === '\n' && commandFrames.has(frame);
}

function passDocuments(
  walk: Walk,
  found: readonly Placeholder[],
  result: Map<number, Quoting>,
): void {
  const start = walk.at + 1;
  const end = walk.documents.reduce((at, one) => bodyEnd(walk.command, at, one), start);
  for (const { index } of found) {
    if (index >= start && index < end) result.set(index, 'here-document');
  }
  walk.documents.length = 0;
  walk.at = end;
}
