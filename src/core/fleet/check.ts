import type { Mode } from '../config/mode.ts';
import { type Diagnostic, pointerSegments } from '../diagnostic.ts';
import { failure, type Result, success } from '../result.ts';
import { shapeProblems } from './check-shape.ts';
import { entriesOf, listsOf } from './entries.ts';
import { checkFleetRules } from './rules/rules.ts';
import type { RuntimesFile } from './runtimes-file.ts';
import { runtimesOf } from './runtimes-of.ts';
import { sections } from './shape.ts';

/** A document to what it says; every problem at once, in the order of the checks. */
export function checkFleet(document: unknown, mode: Mode): Result<RuntimesFile> {
  const entries = entriesOf(document);
  const fromShape = shapeProblems(document);
  const places = new Set(fromShape.map(({ pointer }) => pointer));
  // What is no value of its kind is told once.
  const isNew = ({ pointer }: Diagnostic) => !places.has(pointer);
  const subject = { entries, lists: listsOf(document), mode };
  const ofEntries = [...fromShape, ...checkFleetRules(subject, 'entry').filter(isNew)];
  const ofFile = checkFleetRules(subject, 'file').filter(isNew);
  const all = [...byEntry(ofEntries), ...ofFile];
  const isWrong = all.some(({ severity }) => severity === 'error');
  return isWrong ? failure(all) : success(runtimesOf(document), all);
}

/** What is about the whole comes first, then one entry after the other. */
function byEntry(problems: readonly Diagnostic[]): readonly Diagnostic[] {
  return problems
    .map((problem) => ({ problem, rank: rankOf(problem) }))
    .toSorted((a, b) => a.rank[0] - b.rank[0] || a.rank[1] - b.rank[1])
    .map(({ problem }) => problem);
}

function rankOf({ pointer }: Diagnostic): readonly [section: number, index: number] {
  const [first = '', index] = pointerSegments(pointer);
  const names: readonly string[] = sections;
  return index === undefined ? [-1, 0] : [names.indexOf(first), Number(index)];
}
