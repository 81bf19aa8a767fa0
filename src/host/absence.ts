/** What it means that nothing is there, or may not be looked at; any other error is one. */
export function absenceOr<Value>(
  error: unknown,
  missing: Value,
  forbidden: Value = missing,
): Value {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return missing;
  if (code === 'EACCES' || code === 'EPERM') return forbidden;
  throw error;
}
