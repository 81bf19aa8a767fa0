import type { Mode } from '../core/config/mode.ts';
import { VllmdError } from '../core/failure.ts';

/** A config file as it was read: for excerpts, and for the record of an install. */
export type Source = {
  readonly file: string;
  readonly absolutePath: string;
  readonly text: string;
  readonly sha256: string;
};

/** What the command line says about the config. */
export type ConfigOptions = ModeFlags & {
  readonly config?: string | undefined;
  readonly json: boolean;
};

type ModeFlags = {
  readonly strict?: boolean | undefined;
  readonly lenient?: boolean | undefined;
  /** A host is going to be as the config says, or is compared with it. */
  readonly isForHost?: true;
};

/** Strict unless asked otherwise. */
export function modeOf({ strict, lenient, isForHost }: ModeFlags): Mode {
  if (strict === true && lenient === true) {
    throw new VllmdError('usage', '--strict and --lenient exclude each other', 'name one of them');
  }
  if (lenient !== true) return 'strict';
  return isForHost === true ? 'cautious' : 'lenient';
}
