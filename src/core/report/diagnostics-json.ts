import { type Diagnostic, keyPath } from '../diagnostic.ts';

/** A diagnostic for programs; the place is left out where it is not known. */
export type DiagnosticJson = {
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
  readonly line?: number;
  readonly column?: number;
  readonly end_column?: number;
};

/** The same diagnostics as `diagnosticsHuman` shows, all of them, in the order given. */
export function diagnosticsJson(
  diagnostics: readonly Diagnostic[],
  source: { readonly file: string },
): readonly DiagnosticJson[] {
  return diagnostics.map(
    ({ severity, rule, pointer, message, detail, help, position, subject }) => ({
      severity,
      rule,
      path: keyPath(pointer),
      pointer,
      message,
      ...(detail === undefined ? {} : { detail }),
      ...(help === undefined ? {} : { help }),
      ...(subject === 'host' ? {} : { file: source.file }),
      ...(position === undefined
        ? {}
        : {
            line: position.line,
            column: position.column,
            end_column: position.column + position.length,
          }),
    }),
  );
}
