import { VllmdError } from '../core/failure.ts';

/** Somebody who can write the directory above was quicker: what is there now is not what was looked at. */
export function exchanged(path: string): VllmdError {
  return new VllmdError(
    'conflict',
    `${path} was changed while the install ran`,
    'install again: the plan then says what to do about it',
  );
}
