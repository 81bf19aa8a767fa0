import { errorAnswer, type ProxyFailure } from '../../../core/hive/answers/error-envelope.ts';
import type { Kind } from '../../../core/hive/documents.ts';

/** An answer that is no success. Handlers throw it; `problemAnswer` makes the response of it. */
export class HttpProblem extends Error {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) {
    super(`HTTP ${status}`);
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

/** As the registry says what is not about a field. */
export function detail(
  status: number,
  text: string,
  headers?: Record<string, string>,
): HttpProblem {
  return new HttpProblem(status, { detail: text }, headers);
}

export type FieldProblem = {
  readonly type: string;
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly input: unknown;
};

export function unprocessable(problems: readonly FieldProblem[]): HttpProblem {
  return new HttpProblem(422, { detail: problems });
}

/** Of a request for a model, as clients of OpenAI read it. */
export function proxyProblem(
  failure: ProxyFailure,
  kind: Kind,
  headers?: Readonly<Record<string, string>>,
): HttpProblem {
  const { status, body } = errorAnswer(failure, kind);
  return new HttpProblem(status, body, headers);
}
