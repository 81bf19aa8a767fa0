import fc from 'fast-check';
import { expect, test } from 'vitest';
import { healthSampleOf } from '../../../../src/core/hive/scrape/health-sample.ts';
import {
  generationRate,
  type Scrape,
  scrapeOf,
} from '../../../../src/core/hive/scrape/observations.ts';
import { parsePrometheusText } from '../../../../src/core/hive/scrape/prometheus-text.ts';

test('a text of metrics is read with its labels, numbers and times', () => {
  const text = [
    '# HELP a Some # words',
    '# TYPE a gauge',
    'a 1',
    'a{} 2.5e3 1700000000000',
    'b:c{x="1",y="q\\"\\\\\\n}",} -3\r',
    'b { x = "1" , y="2" } +Inf',
    'd NaN',
    'e -Inf -5',
    'f .5',
    '',
  ].join('\n');
  expect(
    parsePrometheusText(text).map(({ name, labels, value }) => [name, [...labels], value]),
  ).toEqual([
    ['a', [], 1],
    ['a', [], 2500],
    [
      'b:c',
      [
        ['x', '1'],
        ['y', 'q"\\\n}'],
      ],
      -3,
    ],
    [
      'b',
      [
        ['x', '1'],
        ['y', '2'],
      ],
      Infinity,
    ],
    ['d', [], Number.NaN],
    ['e', [], -Infinity],
    ['f', [], 0.5],
  ]);
});

test.each(['a', 'a x', 'a 1 2 3', 'a 1 x', 'a{x="1" 1', 'a{x=1} 1', '1a 1', 'a 0x10', '{"a"} 1'])(
  'a line that is not understood is left out: %s',
  (line) => {
    expect(parsePrometheusText(`${line}\nok 1\n`).map(({ name }) => name)).toEqual(['ok']);
  },
);

test('every text of a label comes back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.double({ noNaN: true }), (text, value) => {
      const escaped = text.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n');
      fc.pre(!/[\r\u2028\u2029]/.test(text));
      const number = Number.isFinite(value) ? `${value}` : `${value}`.replace('inity', '');
      const [sample] = parsePrometheusText(`m{l="${escaped}"} ${number}`);
      expect(sample?.labels.get('l')).toBe(text);
      // A text does not tell the two zeros apart.
      expect(sample?.value === value).toBe(true);
    }),
  );
});

test.each([
  [
    'llama.cpp',
    'llamacpp:requests_processing 2\nllamacpp:requests_deferred 1\nllamacpp:predicted_tokens_seconds 41.5\nllamacpp:tokens_predicted_total 900',
    { queue_depth: 1, in_flight: 2, tokens_per_sec: 41.5 },
    900,
  ],
  [
    'vLLM',
    'vllm:num_requests_running{model_name="m",engine="0"} 3.0\nvllm:num_requests_running{model_name="m",engine="1"} 1.0\nvllm:num_requests_waiting{model_name="m",engine="0"} 0.0\nvllm:generation_tokens_total{model_name="m"} 70.0',
    { queue_depth: 0, in_flight: 4, tokens_per_sec: null },
    70,
  ],
  [
    'SGLang',
    'sglang:num_running_reqs{tp_rank="0"} 5\nsglang:num_running_reqs{tp_rank="1"} 5\nsglang:num_queue_reqs{tp_rank="0"} NaN\nsglang:gen_throughput 0.0',
    { queue_depth: null, in_flight: 5, tokens_per_sec: null },
    null,
  ],
])('the metrics of %s become observations', (_, text, observations, generatedTokens) => {
  expect(scrapeOf(text)).toEqual({ observations, generatedTokens });
});

test('other metrics are those of no engine', () => {
  expect(scrapeOf('process_cpu_seconds_total 3')).toBeUndefined();
});

test('the rate between two scrapes is known where tokens were generated', () => {
  const at = (generatedTokens: number | null): Scrape => ({
    observations: { queue_depth: null, in_flight: null, tokens_per_sec: null },
    generatedTokens,
  });
  expect(generationRate(at(100), at(150), 2)).toBe(25);
  expect(generationRate(at(100), at(100), 2)).toBeNull();
  expect(generationRate(at(100), at(3), 2)).toBeNull();
  expect(generationRate(at(null), at(3), 2)).toBeNull();
  expect(generationRate(at(1), at(null), 2)).toBeNull();
  expect(generationRate(at(1), at(2), 0)).toBeNull();
});

test.each([
  [200, undefined, 'healthy', true, null, true],
  [302, 200, 'healthy', true, true, true],
  [404, 200, 'healthy', true, true, true],
  [405, 200, 'healthy', true, true, true],
  [404, 401, 'unhealthy', false, false, false],
  [404, undefined, 'unhealthy', false, null, true],
  [503, 200, 'unhealthy', false, true, true],
  [403, undefined, 'unhealthy', false, null, false],
  [undefined, undefined, 'unhealthy', false, null, null],
] as const)('health %s and models %s are %s', (health, models, status, http, list, auth) => {
  const observations = { queue_depth: 1, in_flight: 2, tokens_per_sec: 3 };
  const probe = { sampleId: 'hs', serviceId: 's', observedAt: 5, health, models };
  expect(healthSampleOf({ ...probe, observations })).toEqual({
    sample_id: 'hs',
    target_type: 'service',
    target_id: 's',
    observed_at: 5,
    status,
    checks: { http_ok: http, models_ok: list, auth_ok: auth },
    metrics: observations,
  });
  expect(healthSampleOf({ ...probe, observations: undefined }).metrics).toEqual({});
});
