import type { PlannedAction } from '../core/plan/plan.ts';
import type { Member } from '../core/resolve/member.ts';
import type { Failure } from './run-unit.ts';
import type { Copy } from './watch-copy.ts';

/** What an install tells of itself while it runs. */
export type ApplyEvent =
  | { readonly kind: 'files'; readonly count: number }
  | {
      readonly kind: 'action';
      readonly action: PlannedAction;
      readonly n: number;
      readonly of: number;
    }
  | { readonly kind: 'copying'; readonly copy: Copy; readonly doneBytes: number }
  | {
      readonly kind: 'settling';
      readonly units: readonly string[];
      /** For how long they are watched. */
      readonly settleMs: number;
    }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'kept-failed'; readonly directory: string }
  | { readonly kind: 'not-kept'; readonly why: string }
  /** None of them: what all share. */
  | { readonly kind: 'undoing'; readonly runtimes: readonly Member[] };
