import { VllmdError } from '../core/failure.ts';

type Wanted = {
  /** As it was named, for messages. */
  readonly name: string;
  /** What helps where one may not write there. */
  readonly forbidden?: string;
  /** What helps where nothing can be written by that name. */
  readonly elsewhere?: string;
  /** What is to be said of any other failure. */
  readonly otherwise?: string;
};

/** A path that leads to no place for a file. */
const PLACES = new Set(['ENOENT', 'ENOTDIR', 'EEXIST', 'EISDIR', 'ELOOP', 'ENAMETOOLONG']);

/** What the system has refused as an expected failure; what is none of its errors stays what it is. */
export function cannotWrite(error: unknown, wanted: Wanted): unknown {
  const { name, forbidden, elsewhere, otherwise } = wanted;
  if (error instanceof VllmdError || !(error instanceof Error) || !('code' in error)) return error;
  const code = String(error.code);
  const fail = (exit: 'needsRoot' | 'unexpected' | 'usage', why: string, help?: string) =>
    new VllmdError(exit, `cannot write ${name}: ${why}`, help, { cause: error });
  if (code === 'EACCES' || code === 'EPERM') {
    return fail('needsRoot', 'permission denied', forbidden ?? 'run it with sudo');
  }
  const why = reasonOf(error.message);
  return PLACES.has(code)
    ? fail('usage', why, elsewhere ?? 'name another file')
    : fail('unexpected', why, otherwise);
}

/** Without the path that the call has got: that is the number of a descriptor. */
function reasonOf(message: string): string {
  return message.replace(/^E[A-Z0-9]+: /, '').replace(/, \w+(?: '.*)?$/s, '');
}
