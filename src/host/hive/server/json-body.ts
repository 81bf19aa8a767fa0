import type { FastifyInstance } from 'fastify';

/** What a body is when it is no JSON: each route says in its own way what is wrong with it. */
export class NoJson {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** Bodies are JSON, whatever their content type says: clients forget it. */
export function readJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body: Buffer, done) =>
    done(null, parseBody(body)),
  );
}

/** Whoever goes through a value by recursion goes no deeper than this. */
const DEEPEST = 100;

function parseBody(body: Buffer): unknown {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    if (error instanceof TypeError) return new NoJson('the body is not UTF-8');
    if (!(error instanceof SyntaxError)) throw error;
    return new NoJson('the body is not valid JSON');
  }
  return isTooDeep(value) ? new NoJson(`the body is nested deeper than ${DEEPEST} levels`) : value;
}

/** Level by level, so that no depth overflows the stack here. */
export function isTooDeep(value: unknown): boolean {
  let level: readonly unknown[] = [value];
  for (let at = 0; at <= DEEPEST; at += 1) {
    level = level.flatMap((item) =>
      typeof item === 'object' && item !== null ? Object.values(item) : [],
    );
    if (level.length === 0) return false;
  }
  return true;
}
