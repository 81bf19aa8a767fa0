import { isActive, isStarting, type UnitState } from '../plan/observed.ts';

/** How a runtime is, in a word for people. */
export type RuntimeState =
  | 'running'
  | 'starting'
  | 'stopping'
  | 'stopped'
  /** Something that it needs has kept it from starting. */
  | 'not started'
  | 'failed'
  /** It ends again and again, and systemd starts it again and again. */
  | 'failing'
  | 'masked'
  /** systemd does not tell. */
  | 'unknown';

export function stateOf(
  state: UnitState | undefined,
  { isBlocked, isMasked }: { readonly isBlocked: boolean; readonly isMasked: boolean },
): RuntimeState {
  if (isActive(state)) return 'running';
  if (isStarting(state)) return 'starting';
  if (state?.activeState === 'inactive') {
    if (isMasked) return 'masked';
    return isBlocked ? 'not started' : 'stopped';
  }
  return words[state?.activeState ?? ''] ?? 'unknown';
}

const words: Readonly<Record<string, RuntimeState>> = {
  activating: 'failing',
  deactivating: 'stopping',
  failed: 'failed',
};
