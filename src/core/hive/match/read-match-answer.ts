import { isJsonObject, type JsonObject, ownValue } from '../../fleet/json-value.ts';
import { type Documents, readDocument } from '../read/read-document.ts';

/** What fits a task, as a registry has answered it. */
export type MatchAnswer = {
  /** All that it says, for programs. */
  readonly body: JsonObject;
  readonly candidates: readonly Documents['route_match_candidate'][];
  /** Some are on hosts that are silent. */
  readonly isDegraded: boolean;
};

/** Undefined where it is no such answer. */
export function readMatchAnswer(body: unknown): MatchAnswer | undefined {
  if (!isJsonObject(body)) return undefined;
  const written = ownValue(body, 'candidates');
  if (!Array.isArray(written)) return undefined;
  const read = written.map((one: unknown) => readDocument('route_match_candidate', one));
  const candidates = read.flatMap((one) => (one.ok ? [one.value] : []));
  if (candidates.length < read.length) return undefined;
  return { body, candidates, isDegraded: ownValue(body, 'degraded') === true };
}
