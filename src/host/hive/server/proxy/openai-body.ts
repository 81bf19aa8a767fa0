import type { JsonMap, Kind } from '../../../../core/hive/documents.ts';
import { type HttpProblem, proxyProblem } from '../http-problem.ts';
import { NoJson } from '../json-body.ts';

/** The model that a body names, and the body. Throws 400 for anything that names none. */
export function openaiBody(
  kind: Kind,
  body: unknown,
): { readonly model: string; readonly body: JsonMap } {
  if (body instanceof NoJson) throw malformed(kind, `The request cannot be read: ${body.reason}.`);
  if (!isObject(body)) throw malformed(kind, 'The request body must be a JSON object.');
  const { model } = body;
  if (model === undefined || model === null || model === '') {
    throw proxyProblem({ kind: 'missing_model' }, kind);
  }
  if (typeof model !== 'string') throw malformed(kind, "'model' must be a string.");
  return { model, body };
}

function malformed(kind: Kind, message: string): HttpProblem {
  return proxyProblem({ kind: 'bad_body', message }, kind);
}

function isObject(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
