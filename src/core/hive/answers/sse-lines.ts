import type { JsonMap } from '../documents.ts';
import { dataLine, type LineFacts } from './sse-data.ts';

/** How far a stream has come, between two of its chunks. */
export type SseState = {
  /** The begin of a line whose end has not come yet. */
  readonly pending: string;
  /** The line before has ended with a return, to which a line feed may still belong. */
  readonly isAfterReturn: boolean;
  readonly isDone: boolean;
  /** Of the last event that has it. */
  readonly usage: JsonMap | undefined;
  readonly timings: JsonMap | undefined;
};

/** What has become of one chunk. */
export type SseStep =
  | { readonly kind: 'output'; readonly state: SseState; readonly output: string }
  /** A line is longer than the limit; the output is what came before it. */
  | { readonly kind: 'line_too_long'; readonly output: string };

/** Before the first chunk. */
export const sseStart: SseState = {
  pending: '',
  isAfterReturn: false,
  isDone: false,
  usage: undefined,
  timings: undefined,
};

/** Takes the next text of a stream and gives the whole lines of it, without what the model has thought. */
export function sseChunk(before: SseState, chunk: string, limit: number): SseStep {
  let state = before;
  let output = '';
  let from = 0;
  if (state.isAfterReturn && chunk !== '') {
    // Both halves of one end of line came in two chunks.
    if (chunk.startsWith('\n')) [output, from] = ['\n', 1];
    state = { ...state, isAfterReturn: false };
  }
  // Only the chunk is searched: what is pending has no end of line in it.
  for (const end of chunk.slice(from).matchAll(/\r\n|\n|\r/g)) {
    const at = chunk.length - end.input.length + end.index;
    const line = state.pending + chunk.slice(from, at);
    if (line.length > limit) return { kind: 'line_too_long', output };
    const { text, facts } = dataLine(line);
    output += text + end[0];
    from = at + end[0].length;
    state = {
      ...taken(state, facts),
      pending: '',
      isAfterReturn: isOpenReturn(end[0], from, chunk),
    };
  }
  const pending = state.pending + chunk.slice(from);
  if (pending.length > limit) return { kind: 'line_too_long', output };
  return { kind: 'output', state: { ...state, pending }, output };
}

/** What is left when a stream ends within a line; an event that has been cut off is dropped, as readers do. */
export function sseEnd(state: SseState): { readonly state: SseState; readonly output: string } {
  const { text, facts, isUnread } = dataLine(state.pending);
  return { state: { ...taken(state, facts), pending: '' }, output: isUnread ? '' : text };
}

function isOpenReturn(end: string, from: number, chunk: string): boolean {
  return end === '\r' && from === chunk.length;
}

function taken(state: SseState, facts: LineFacts): SseState {
  return {
    ...state,
    isDone: state.isDone || facts.isDone,
    usage: facts.usage ?? state.usage,
    timings: facts.timings ?? state.timings,
  };
}
