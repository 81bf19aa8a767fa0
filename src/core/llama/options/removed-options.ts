/**
 * Options that llama-server once had and 0.7.0 takes for unknown, with what to write instead. Those that it still lists tell
 * that themselves.
 */
export const goneOptions: ReadonlyMap<string, string> = new Map([
  ['--mlock', 'use --load-mode mmap+mlock, or --load-mode mlock where --no-mmap was beside it'],
  ['--mmap', 'use --load-mode mmap'],
  ['--no-mmap', 'use --load-mode none'],
  ['--direct-io', 'use --load-mode dio'],
  ['-dio', 'use --load-mode dio'],
  ['--no-direct-io', 'leave it out'],
  ['-ndio', 'leave it out'],
  ['--ctx-size-draft', 'leave it out: the context of a draft model follows --ctx-size'],
  ['-cd', 'leave it out: the context of a draft model follows --ctx-size'],
]);
