import type { Json, JsonMap } from '../documents.ts';
import { isMap } from '../policy/json-shape.ts';
import { withoutReasoning } from './without-reasoning.ts';

/** What one line of a stream says of the request. */
export type LineFacts = {
  readonly isDone: boolean;
  readonly usage: JsonMap | undefined;
  readonly timings: JsonMap | undefined;
};

type DataLine = {
  readonly text: string;
  readonly facts: LineFacts;
  /** It may be a part of an event, and so hold what the model has thought. */
  readonly isUnread: boolean;
};

const nothing: LineFacts = { isDone: false, usage: undefined, timings: undefined };

/** A line without its end, less what the model has thought; what is no JSON stays as it is. */
export function dataLine(line: string): DataLine {
  // A mark of the byte order belongs to the encoding, and readers drop it.
  const field = /^\uFEFF?data:/.exec(line)?.[0];
  if (field === undefined) return { text: line, facts: nothing, isUnread: false };
  const data = line.slice(field.length);
  if (data.trim() === '[DONE]') {
    return { text: line, facts: { ...nothing, isDone: true }, isUnread: false };
  }
  const event = parsed(data);
  if (event === undefined) return { text: line, facts: nothing, isUnread: true };
  const shown = withoutReasoning(event);
  const facts = { isDone: false, usage: mapIn(shown, 'usage'), timings: mapIn(shown, 'timings') };
  // An event that has nothing to lose keeps its digits and spaces.
  const text = mayReason(data) ? `${field} ${JSON.stringify(shown)}` : line;
  return { text, facts, isUnread: false };
}

/** A key can be written with escapes, and be hidden from a parser by another one of the same name. */
function mayReason(data: string): boolean {
  return data.includes('reasoning') || data.includes('\\u');
}

function parsed(text: string): Json | undefined {
  try {
    const event: Json = JSON.parse(text);
    return event;
  } catch {
    return undefined;
  }
}

function mapIn(event: Json, key: string): JsonMap | undefined {
  const value = isMap(event) ? event[key] : undefined;
  return isMap(value) ? value : undefined;
}
