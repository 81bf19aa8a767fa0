import { visible } from '../../control-characters.ts';
import { isJsonObject, ownValue } from '../../fleet/json-value.ts';
import { refusalLines } from './refusal-lines.ts';

const LONGEST = 200;

/** Why a request for a model has no answer, on one line. */
export function callFailure(status: number, body: unknown): string {
  const error = isJsonObject(body) ? ownValue(body, 'error') : undefined;
  const message = isJsonObject(error) ? ownValue(error, 'message') : undefined;
  const said = typeof message === 'string' ? visible(message.slice(0, LONGEST)) : undefined;
  const why = said ?? refusalLines(body)[0];
  return why === undefined ? `status ${status}` : `status ${status}: ${why}`;
}
