import {
  type Documents,
  type DocumentType,
  readDocument,
} from '../../../core/hive/read/read-document.ts';
import { detail, unprocessable } from './http-problem.ts';
import { NoJson } from './json-body.ts';

/** The document that a body is. Throws 400 for what is no JSON, and 422 with all that is wrong. */
export function readBody<Type extends DocumentType>(type: Type, body: unknown): Documents[Type] {
  const read = readDocument(type, jsonBody(body));
  if (read.ok) return read.value;
  throw unprocessable(read.problems.map((one) => ({ ...one, loc: ['body', ...one.loc] })));
}

/** Several documents of one type, in a list below a key. */
export function readList<Type extends DocumentType>(
  type: Type,
  key: string,
  body: unknown,
): readonly Documents[Type][] {
  const list = listIn(key, jsonBody(body));
  const readings = list.map((item) => readDocument(type, item));
  const problems = readings.flatMap((reading, at) =>
    reading.ok
      ? []
      : reading.problems.map((one) => ({ ...one, loc: ['body', key, at, ...one.loc] })),
  );
  if (problems.length > 0) throw unprocessable(problems);
  return readings.flatMap((reading) => (reading.ok ? [reading.value] : []));
}

function jsonBody(body: unknown): unknown {
  if (body instanceof NoJson) throw detail(400, body.reason);
  if (body === undefined || body === null) throw detail(400, 'the body is empty');
  return body;
}

function listIn(key: string, body: unknown): readonly unknown[] {
  const list =
    typeof body === 'object' &&
    body !== null &&
    Object.entries(body).find(([name]) => name === key)?.[1];
  if (Array.isArray(list)) return list;
  const loc = ['body', key];
  throw unprocessable([
    { type: 'list_type', loc, msg: 'Input should be a valid list', input: list || null },
  ]);
}
