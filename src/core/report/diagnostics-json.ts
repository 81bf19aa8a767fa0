import { type Diagnostic, keyPath, type Note, type Position } from '../diagnostic.ts';
import { byPosition } from './by-position.ts';

/** A diagnostic for programs; the place is left out where it is not known. */
export type DiagnosticJson = RangeJson & {
  readonly severity: 'error' | 'warning';
  readonly rule: string;
  /** The key path as the operator writes it; `pointer` is the same as a JSON pointer. */
  readonly path: string;
  readonly pointer: string;
  readonly message: string;
  /** What the message stands on, line by line. */
  readonly detail?: readonly string[];
  readonly help?: string;
  /** Absent for what is wrong with the host. */
  readonly file?: string;
  /** Other places that it has to do with, in the same file. */
  readonly notes?: readonly NoteJson[];
};

type NoteJson = RangeJson & Pick<DiagnosticJson, 'path' | 'pointer' | 'message' | 'file'>;

/** Lines and columns from 1, columns in UTF-16 code units; the end is after the last character. */
type RangeJson = {
  readonly line?: number;
  readonly column?: number;
  readonly end_line?: number;
  readonly end_column?: number;
};

/** The same diagnostics as `diagnosticsHuman` shows, all of them, in the same order. */
export function diagnosticsJson(
  diagnostics: readonly Diagnostic[],
  source: { readonly file: string; readonly isInOrder?: true },
): readonly DiagnosticJson[] {
  const sorted = source.isInOrder === true ? diagnostics : diagnostics.toSorted(byPosition);
  return sorted.map((diagnostic) => {
    const { severity, rule, pointer, message, detail, help, position, subject, notes } = diagnostic;
    return {
      severity,
      rule,
      path: keyPath(pointer),
      pointer,
      message,
      ...(detail === undefined ? {} : { detail }),
      ...(help === undefined ? {} : { help }),
      ...(subject === 'host' ? {} : { file: source.file }),
      ...range(position),
      ...(notes === undefined ? {} : { notes: notes.map((note) => noteJson(note, source.file)) }),
    };
  });
}

function noteJson({ pointer, message, position }: Note, file: string): NoteJson {
  return { path: keyPath(pointer), pointer, message, file, ...range(position) };
}

export function range(position: Position | undefined): RangeJson {
  if (position === undefined) return {};
  const { line, column, length, end = { line, column: column + length } } = position;
  return { line, column, end_line: end.line, end_column: end.column };
}
