import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';

/** A program by its absolute path, or why there is none. */
export type FoundProgram = { readonly path: string } | { readonly why: string };

/** As a shell finds it: a name with a slash is a path, any other is looked for in the directories of `searchPath`. */
export function findProgram(name: string, searchPath: string, cwd: string): FoundProgram {
  if (name.includes('/')) {
    const path = resolve(cwd, name);
    const why = problemOf(path);
    return why === undefined ? { path } : { why };
  }
  let unusable: string | undefined;
  for (const directory of searchPath.split(':')) {
    const path = resolve(cwd, directory, name);
    const why = problemOf(path);
    if (why === undefined) return { path };
    if (why !== ABSENT) unusable ??= `${path} ${why}`;
  }
  return { why: unusable ?? `is in no directory of PATH (${searchPath})` };
}

const ABSENT = 'does not exist';

function problemOf(path: string): string | undefined {
  try {
    if (!statSync(path).isFile()) return 'is no file';
    accessSync(path, constants.X_OK);
    return undefined;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return ABSENT;
    if (code === 'EACCES') return 'is not executable';
    throw error;
  }
}
