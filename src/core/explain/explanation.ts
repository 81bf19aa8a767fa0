import type { FileExplanation } from './explain-files.ts';
import type { KeyExplanation } from './explain-keys.ts';

/** What lies at the path of a file on this host, beside what would be rendered. */
export type Installed = 'same' | 'differs' | 'absent' | 'unknown';

export type ExplainedFile = FileExplanation & { readonly installed: Installed };

export type ExplainedKey = KeyExplanation & {
  /** As written, or its default; undefined where there is neither. */
  readonly value: unknown;
};

/** The answer to one `vllmd explain`. */
export type Explanation =
  | { readonly kind: 'line'; readonly file: ExplainedFile; readonly line: number }
  | { readonly kind: 'files'; readonly files: readonly ExplainedFile[] }
  | { readonly kind: 'keys'; readonly keys: readonly ExplainedKey[] };
