import type { Json, JsonMap, PromptPosition } from '../documents.ts';
import { isList, isMap } from './json-shape.ts';

/** The messages of a body with a system prompt; a body without a list of messages stays as it is. */
export function withSystemPrompt(body: JsonMap, prompt: string, position: PromptPosition): JsonMap {
  const messages = body['messages'];
  if (!isList(messages)) return body;
  const isThere = messages.some((message) => isSystem(message) && message['content'] === prompt);
  if (isThere) return body;
  const kept = messages.filter((message) => isMap(message));
  const added = { role: 'system', content: prompt };
  return { ...body, messages: placed(kept, added, position) };
}

function placed(
  messages: readonly JsonMap[],
  added: JsonMap,
  position: PromptPosition,
): readonly Json[] {
  if (position === 'append') return [...messages, added];
  const first = messages.findIndex((message) => isSystem(message));
  if (position === 'replace' && first >= 0) return messages.with(first, added);
  return [added, ...messages];
}

function isSystem(message: Json): message is JsonMap {
  return isMap(message) && message['role'] === 'system';
}
