/** What it means that nothing is there, or may not be looked at; any other error is one. */
export function absenceOr<Value>(
  error: unknown,
  missing: Value,
  forbidden: Value = missing,
): Value {
  if (isAbsence(error)) return missing;
  const code = codeOf(error);
  if (code === 'EACCES' || code === 'EPERM') return forbidden;
  throw error;
}

/** Nothing is there; what may not be looked at is another thing. */
export function isAbsence(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
