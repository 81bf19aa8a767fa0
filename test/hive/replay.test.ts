import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningHive, startHive } from '../support/hive.ts';
import {
  expectRecorded,
  expectWithin,
  hasCases,
  locs,
  type Scenario,
  type Step,
  scenarios,
  sendStep,
} from '../support/hive-cases.ts';
import { hiveUpstream } from '../support/hive-upstream.ts';

let upstream: Awaited<ReturnType<typeof hiveUpstream>>;

beforeAll(async () => {
  upstream = await hiveUpstream();
});

afterAll(() => {
  upstream.server.close();
});

type Check = (response: Response, step: Step, hive: RunningHive) => unknown;

/** What is answered where another answer than the recorded one is wanted: by scenario and number of the step. */
const wanted: Readonly<Record<string, Check>> = {
  'auth 3': async (response) => expect(await response.json()).toEqual({ object: 'list', data: [] }),
  'register-validation 0': wrongAt(['body', 'host_id']),
  'register-validation 1': async (response) =>
    expect(JSON.stringify(await response.json())).toContain('not valid JSON'),
  'register-validation 2': wrongAt(['body', 'services', 0, 'kind']),
  'register-validation 3': async (response) =>
    expect(await response.json()).toEqual({ error: 'unknown_host', host_id: 'h1' }),
  'register-validation 9': async (response) =>
    expect(await response.json()).toMatchObject({
      ...{ error: 'service_conflict', service_id: 'h1/chat/a', host_id: 'h1' },
    }),
  'staleness 4': resolves('direct'),
  'staleness 5': resolves('role'),
  'staleness 6': refused("No healthy chat target available for 'r'.", 'chat_proxy_error'),
  'resolve 5': resolves('direct'),
  'resolve 6': resolves('direct'),
  'resolve 7': resolves('direct'),
  'models 1': async (response, step) => {
    const { data } = (await response.json()) as { readonly data: readonly Entry[] };
    const known = (step.expect.body as { readonly data: readonly Entry[] }).data;
    expect(data.map(({ id }) => id)).toEqual(known.map(({ id }) => id));
    for (const [at, entry] of data.entries()) {
      if (entry.id === 'm-dup') expect(entry.geniehive['route_type']).toBe('asset');
      else if (entry.id === 'mentor') {
        const { effective_request_policy: policy, ...rest } = known[at]?.geniehive ?? {};
        expectWithin(entry.geniehive, rest, 'mentor');
        expect(entry.geniehive['effective_request_policy']).toEqual({
          ...(policy as object),
          ...{ system_prompt: 'SP', system_prompt_position: 'prepend' },
        });
      } else expectWithin(entry, known[at], entry.id);
    }
  },
  'chat-proxy 3': withTemplate,
  'chat-proxy 4': withTemplate,
  'chat-proxy 5': withTemplate,
  'chat-proxy 18': upstreamFailed,
  'chat-proxy 19': upstreamFailed,
  'chat-proxy 20': streamed,
  'chat-proxy 21': streamed,
  'chat-proxy 23': upstreamFailed,
  'chat-proxy 26': envelope('chat_proxy_error', /not valid JSON/),
  'chat-proxy 27': envelope('chat_proxy_error', /must be a JSON object/),
  'chat-proxy 29': refused("No healthy chat target available for 'qwen3-8b'.", 'chat_proxy_error'),
  'embeddings-transcription 1': refused(
    "No healthy transcription target available for 'transcriber'.",
    'transcription_proxy_error',
  ),
  'embeddings-transcription 7': async (response) =>
    expect(await response.json()).toMatchObject({
      text: 'hello',
      echo_form: { model: 'whisper', language: 'en', temperature: '0' },
      file: { name: 'a.wav', type: 'audio/wav', size: 8 },
    }),
  'embeddings-transcription 8': async (response) => {
    expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(await response.text()).toBe('hello world');
  },
  'embeddings-transcription 9': refused(
    "Unknown model or role 'nope'.",
    'transcription_proxy_error',
  ),
  'embeddings-transcription 10': wrongAt(['body', 'file']),
  'embeddings-transcription 11': wrongAt(['body', 'model']),
  'benchmarks 8': async (response) => {
    const { count, data } = (await response.json()) as { count: number; data: readonly object[] };
    expect(count).toBe(1);
    expect(data).toContainEqual(expect.objectContaining({ observed_at: 1_775_402_700 }));
  },
  'benchmarks 10': async (response) => {
    const { data } = (await response.json()) as {
      data: readonly { readonly benchmark_id: string }[];
    };
    const ids = data.map(({ benchmark_id }) => benchmark_id);
    expect(ids.slice(ids.indexOf('b2'), ids.indexOf('b2') + 3)).toEqual(['b2', 'b3', 'b4']);
  },
};

type Entry = { readonly id: string; readonly geniehive: Readonly<Record<string, unknown>> };

function wrongAt(loc: readonly (string | number)[]): Check {
  return async (response) => expect(locs(await response.json())).toEqual([loc]);
}

function resolves(match_type: string): Check {
  return async (response) =>
    expect(await response.json()).toMatchObject({ resolution: { match_type, service: null } });
}

function envelope(code: string, message: unknown): Check {
  const error = { type: 'geniehive_error', code };
  return async (response) => {
    const body = (await response.json()) as { readonly error: { readonly message: string } };
    expect(body).toMatchObject({ error });
    expect(body.error.message).toMatch(message as RegExp);
  };
}

function refused(message: string, code: string): Check {
  return async (response) =>
    expect(await response.json()).toEqual({ error: { message, type: 'geniehive_error', code } });
}

async function upstreamFailed(response: Response): Promise<void> {
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  expect(await response.json()).toMatchObject({
    error: { type: 'geniehive_error', code: 'upstream_error' },
  });
}

async function withTemplate(response: Response, step: Step): Promise<void> {
  const text = JSON.stringify(step.expect.body).replace(
    '"content":"hello"',
    '"content":"<<hello>>"',
  );
  expectWithin(await response.json(), JSON.parse(text), '');
}

async function streamed(response: Response): Promise<void> {
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
  expect(response.headers.get('cache-control')).toBe('no-cache');
  expect(response.headers.get('x-accel-buffering')).toBe('no');
  const text = await response.text();
  expect(text).not.toMatch(/reasoning|hidden/);
  const [first = '', second, ...others] = text.split('\n\n');
  expect(JSON.parse(first.replace('data: ', ''))).toMatchObject({
    choices: [{ index: 0, delta: { content: 'hi' } }],
  });
  expect([second, ...others]).toEqual(['data: [DONE]', '']);
}

const names = scenarios('').map(({ name }) => name);

// Without shared/data/geniehive-cases.json there is nothing to compare with. CI has it.
test.skipIf(!hasCases && process.env['CI'] === undefined)(
  'what is wanted in the place of a recorded answer is known for each that differs',
  () => {
    const differing = scenarios('').flatMap(({ name, steps }) =>
      steps.flatMap((step, at) => (step.differs === undefined ? [] : [`${name} ${at}`])),
    );
    expect(differing.toSorted()).toEqual(Object.keys(wanted).toSorted());
    expect(names).toHaveLength(10);
  },
);

test.for(names)(
  'the scenario %s is answered as it was recorded, or as is wanted instead',
  async (name) => {
    const scenario = scenarios(upstream.url).find((one) => one.name === name);
    if (scenario !== undefined) await replay(scenario);
  },
);

/** As many times as long as recorded: what is done within a time there has to be done within it on a slow machine, too. */
const SLOWDOWN = 10;

function slowed(control: Scenario['control']): Scenario['control'] {
  const routing = control['routing'] as { readonly health_stale_after_s: number } | undefined;
  if (routing === undefined) return control;
  const health_stale_after_s = routing.health_stale_after_s * SLOWDOWN;
  return { ...control, routing: { ...routing, health_stale_after_s } };
}

async function replay(scenario: Scenario): Promise<void> {
  const hive = await startHive(slowed(scenario.control), scenario.roles ?? []);
  try {
    for (const [at, step] of scenario.steps.entries()) {
      if (step.sleep !== undefined) {
        const ms = step.sleep * SLOWDOWN * 1000;
        await new Promise((done) => setTimeout(done, ms));
        continue;
      }
      await check(scenario, at, step, hive);
    }
  } finally {
    await hive.stop();
  }
}

async function check({ name }: Scenario, at: number, step: Step, hive: RunningHive): Promise<void> {
  const response = await sendStep(hive.url, step);
  try {
    if (step.differs === undefined) return await expectRecorded(response, step);
    expect(response.status).toBe(step.differs.status);
    await wanted[`${name} ${at}`]?.(response, step, hive);
  } catch (error) {
    throw new Error(`${name}, step ${at}: ${String(error)}`, { cause: error });
  }
}
