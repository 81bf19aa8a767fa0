import type { JsonMap } from '../documents.ts';
import { isList, isMap } from './json-shape.ts';

const PLACEHOLDER = /\{\{\s*user_input\s*\}\}/g;

/** The body with the text of its last user message put into a template. */
export function withUserTemplate(body: JsonMap, template: string | null): JsonMap {
  const messages = body['messages'];
  if (template === null || !isList(messages)) return body;
  const last = messages.findLastIndex(
    (message) =>
      isMap(message) && message['role'] === 'user' && typeof message['content'] === 'string',
  );
  const message = messages[last];
  if (!isMap(message)) return body;
  const text = String(message['content']);
  // A function, since a text may have `$&` in it.
  const content = template.replace(PLACEHOLDER, () => text);
  return { ...body, messages: messages.with(last, { ...message, content }) };
}
