import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';

/** Answers of another program that speaks the same protocol; see the format in the reference beside it. */
const CASES = new URL('../../../shared/data/geniehive-cases.json', import.meta.url);

export const hasCases = existsSync(CASES);

export type Step = {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly raw?: string;
  readonly form?: Readonly<Record<string, string>>;
  readonly file?: { readonly name: string; readonly content: string; readonly type: string };
  readonly sleep?: number;
  readonly expect: {
    readonly status: number;
    readonly content_type?: string;
    readonly body?: unknown;
    readonly text?: string;
  };
  /** Where another answer is wanted: the status of it. */
  readonly differs?: { readonly status: number };
};

export type Scenario = {
  readonly name: string;
  readonly control: Readonly<Record<string, unknown>>;
  readonly roles?: readonly unknown[];
  readonly steps: readonly Step[];
};

export function scenarios(upstream: string): readonly Scenario[] {
  if (!hasCases) return [];
  const text = readFileSync(CASES, 'utf8').replaceAll('$UP', upstream);
  const { scenarios: all }: { readonly scenarios: readonly Scenario[] } = JSON.parse(text);
  return all;
}

export async function sendStep(base: string, step: Step): Promise<Response> {
  const query = step.query === undefined ? '' : `?${new URLSearchParams(step.query)}`;
  const { body, type } = bodyOf(step);
  return fetch(base + step.path + query, {
    method: step.method,
    headers: { ...(type === undefined ? {} : { 'content-type': type }), ...step.headers },
    ...(body === undefined ? {} : { body }),
  });
}

function bodyOf({ json, raw, form, file }: Step): { body?: string | FormData; type?: string } {
  if (json !== undefined) return { body: JSON.stringify(json), type: 'application/json' };
  if (raw !== undefined) return { body: raw, type: 'application/json' };
  if (file === undefined) {
    if (form === undefined) return {};
    const body = `${new URLSearchParams(form)}`;
    return { body, type: 'application/x-www-form-urlencoded' };
  }
  const body = new FormData();
  for (const [name, value] of Object.entries(form ?? {})) body.append(name, value);
  body.append('file', new Blob([file.content], { type: file.type }), file.name);
  return { body };
}

/** Whether an answer has all that was recorded. */
export async function expectRecorded(response: Response, { expect: wanted }: Step): Promise<void> {
  expect(response.status).toBe(wanted.status);
  if (wanted.content_type !== undefined) {
    const type = (text: string | null) => text?.split(';')[0];
    expect(type(response.headers.get('content-type'))).toBe(type(wanted.content_type));
  }
  if (wanted.text !== undefined) expect(await response.text()).toBe(wanted.text);
  if (wanted.body === undefined) return;
  const body: unknown = await response.json();
  if (wanted.status === 422) expect(locs(body)).toEqual(locs(wanted.body));
  else expectWithin(body, wanted.body, '');
}

export function locs(body: unknown): unknown {
  return (body as { readonly detail: readonly { readonly loc: unknown }[] }).detail.map(
    ({ loc }) => loc,
  );
}

const exactKeys = ['echo', 'effective_request_policy'];

/** More keys than were recorded are no difference, but in what is sent on or promised. */
export function expectWithin(found: unknown, wanted: unknown, at: string): void {
  if (wanted === '<ts>') {
    expect(typeof found, at).toBe('number');
  } else if (Array.isArray(wanted)) {
    expect(Array.isArray(found), at).toBe(true);
    const list = found as readonly unknown[];
    expect(list.length, at).toBe(wanted.length);
    for (const [index, item] of wanted.entries()) expectWithin(list[index], item, `${at}/${index}`);
  } else if (typeof wanted === 'object' && wanted !== null) {
    expectObjectWithin(found, wanted as Readonly<Record<string, unknown>>, at);
  } else {
    expect(found, at).toBe(wanted);
  }
}

function expectObjectWithin(
  found: unknown,
  wanted: Readonly<Record<string, unknown>>,
  at: string,
): void {
  expect(typeof found === 'object' && found !== null, at).toBe(true);
  const object = found as Readonly<Record<string, unknown>>;
  const name = at.split('/').at(-1) ?? '';
  const isEmpty = Object.keys(wanted).length === 0 && name !== 'echo_headers';
  if (isEmpty || exactKeys.includes(name)) expect(object, at).toEqual(wanted);
  for (const [key, value] of Object.entries(wanted))
    expectWithin(object[key], value, `${at}/${key}`);
}
