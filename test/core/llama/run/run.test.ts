import { expect, test } from 'vitest';
import type { Endpoint } from '../../../../src/core/llama/instance.ts';
import {
  addressesOf,
  addressInWords,
  healthTarget,
  urlOf,
} from '../../../../src/core/llama/run/addresses.ts';
import { bootChoice } from '../../../../src/core/llama/run/boot.ts';
import { endingInWords } from '../../../../src/core/llama/run/ending.ts';
import {
  environmentOf,
  isOwnLibrary,
  searchPath,
  secretsIn,
  shownEnvironment,
} from '../../../../src/core/llama/run/environment.ts';
import { answerInWords, isHealthy, nextLookMs } from '../../../../src/core/llama/run/health.ts';
import { causeIn, tailOf } from '../../../../src/core/llama/run/log-tail.ts';
import { missingModel } from '../../../../src/core/llama/run/model-files.ts';
import {
  exitOf,
  failedInWords,
  type Outcome,
  outcomeJson,
  running,
} from '../../../../src/core/llama/run/outcome.ts';

test.for([
  ['1', 'launch'],
  ['true', 'launch'],
  ['TrUe', 'launch'],
  [undefined, 'leave'],
  ['', 'leave'],
  ['0', 'leave'],
  ['FALSE', 'leave'],
  ['yes', 'not-understood'],
  ['1 ', 'not-understood'],
] as const)('a boot with %j: %s', ([value, choice]) => {
  expect(bootChoice(value)).toBe(choice);
});

const plain: Endpoint = { host: '', port: 8080, isTls: false, apiPrefix: '' };

test.for([
  [{}, 'http://127.0.0.1:8080'],
  [{ host: '0.0.0.0' }, 'http://127.0.0.1:8080'],
  [{ host: '::' }, 'http://[::1]:8080'],
  [{ host: '[::]' }, 'http://[::1]:8080'],
  [{ host: 'fd00::2' }, 'http://[fd00::2]:8080'],
  [{ host: 'gpu.lan', isTls: true }, 'https://gpu.lan:8080'],
  [{ host: '10.0.0.9, 127.0.0.1', apiPrefix: '/llm' }, 'http://10.0.0.9:8080/llm'],
  [{ host: '/run/llama.sock' }, 'unix:/run/llama.sock'],
  [{ host: '/run/llama.sock', apiPrefix: '/llm' }, 'unix:/run/llama.sock:/llm'],
] as const)('an instance with %j is reached at %s', ([endpoint, url]) => {
  const target = healthTarget({ ...plain, ...endpoint });
  expect(urlOf(target)).toBe(url);
  const prefix = 'apiPrefix' in endpoint ? endpoint.apiPrefix : '';
  expect(target.path).toBe(`${prefix}/health`);
});

test('each address of an instance is one of its own', () => {
  const addresses = addressesOf({ host: '10.0.0.9, [::1],/run/a.sock', port: 1 });
  expect(addresses.map(addressInWords)).toEqual([
    'port 1 of 10.0.0.9',
    'port 1 of ::1',
    '/run/a.sock',
  ]);
});

test('only 200 is healthy, and what else is said has words', () => {
  const answers = [200, 503, 404].map((status) => ({ kind: 'status', status }) as const);
  expect(answers.map(isHealthy)).toEqual([true, false, false]);
  expect(isHealthy({ kind: 'none', why: 'x' })).toBe(false);
  expect(answers.slice(1).map(answerInWords)).toEqual([
    'it is still loading its model',
    'it answers with status 404',
  ]);
  expect(answerInWords({ kind: 'none', why: 'refused' })).toBe('it does not answer: refused');
});

test('it is looked again often at the beginning, and each second later', () => {
  expect([0, 1000, 4000, 600_000].map(nextLookMs)).toEqual([200, 200, 400, 1000]);
});

test.for([
  [{ exitCode: 1, signal: null }, 'exit code 1'],
  [{ exitCode: 134, signal: null }, 'exit code 134, SIGABRT (it found something impossible)'],
  [{ exitCode: 143, signal: null }, 'exit code 143, SIGTERM'],
  [
    { exitCode: null, signal: 'SIGKILL' },
    'SIGKILL (by somebody, or by the kernel for want of memory)',
  ],
  [{ exitCode: null, signal: 'SIGUSR1' }, 'SIGUSR1'],
] as const)('%j is said as %s', ([ending, words]) => {
  expect(endingInWords(ending)).toBe(words);
});

test('of a log the last lines are shown, without secrets and control characters', () => {
  const log = `${'first\n'.repeat(20)}\r\nkeys one,two and one\n\u001b[31mred\n${'x'.repeat(400)}\n`;
  const tail = tailOf(log, ['one,two', '', ' ']);
  expect(tail).toHaveLength(10);
  expect(tail.slice(-3)).toEqual([
    'keys (sensitive) and (sensitive)',
    '\\u{1b}[31mred',
    `${'x'.repeat(300)}…`,
  ]);
  expect(tailOf('', [])).toEqual([]);
});

test.for([
  [
    "E srv start: couldn't bind HTTP server socket, hostname: 127.0.0.1, port: 8080",
    'it cannot listen on 127.0.0.1, port 8080: taken, or not of this machine',
  ],
  ['error: invalid argument: --bogus', 'it does not know --bogus'],
  ['error while handling argument "--threads": stoi', 'argument "--threads": stoi'],
  ['ggml_cuda: cudaMalloc failed: out of memory', 'memory has run out'],
  [
    'E load: error loading model: llama_model_loader: failed to load GGUF split from /m/b.gguf',
    'the model does not load: shard /m/b.gguf is missing or broken',
  ],
  [
    "E load: error loading model: unknown model architecture: 'x'\nE srv load_model: failed to load model, '/m/a.gguf'",
    "the model does not load: unknown model architecture: 'x'",
  ],
  ["E srv load_model: failed to load model, '/m/a.gguf'", 'the model does not load: /m/a.gguf'],
  ['all is well', undefined],
] as const)('of a log with %j the cause is: %s', ([log, cause]) => {
  expect(causeIn(`I before\r\n${log}\r\nI after\n`, [])).toBe(cause);
});

test('a cause shows no secret', () => {
  expect(causeIn('error: invalid argument: --key=abc\n', ['abc'])).toBe(
    'it does not know --key=(sensitive)',
  );
});

type Given = Parameters<typeof environmentOf>[0];

function given(gpuIds: string | null, secrets: readonly (readonly [string, string])[] = []): Given {
  const control = {
    logDir: '/tmp',
    logFile: '/tmp/x',
    isLogNamed: false,
    background: true,
    gpuIds,
  };
  return { control, launch: { arguments: [], secrets: new Map(secrets) } };
}

test('an environment has the path, the home and what was asked for', () => {
  const own = { PATH: '/bin', HOME: '/root', LANG: 'C', A: '1', CUDA_VISIBLE_DEVICES: '3' };
  const options = { own, passed: ['A', 'B', 'PATH'], libraries: undefined };
  const usual = { PATH: '/bin', HOME: '/root', A: '1' };
  expect(environmentOf(given(null), options)).toEqual({ ...usual, CUDA_VISIBLE_DEVICES: '3' });
  expect(environmentOf(given('all'), options)).toEqual({ ...usual, CUDA_VISIBLE_DEVICES: '3' });
  expect(environmentOf(given('none'), options)).toEqual({ ...usual, CUDA_VISIBLE_DEVICES: '' });
  expect(environmentOf(given('0,1'), options)).toEqual({ ...usual, CUDA_VISIBLE_DEVICES: '0,1' });
});

test('libraries beside the executable come before others, and secrets of the file win', () => {
  const options = { own: { HF_TOKEN: 'theirs' }, passed: ['HF_TOKEN'], libraries: '/opt/llama' };
  const secrets = [['HF_TOKEN', 'mine']] as const;
  expect(environmentOf(given(null, secrets), options)).toEqual({
    PATH: searchPath({}),
    LD_LIBRARY_PATH: '/opt/llama',
    HF_TOKEN: 'mine',
  });
  const own = { LD_LIBRARY_PATH: '/cuda' };
  expect(environmentOf(given(null), { ...options, own })).toMatchObject({
    LD_LIBRARY_PATH: '/opt/llama:/cuda',
  });
});

test('only what cannot be a secret is shown of an environment', () => {
  const environment = { PATH: '/bin', HOME: '/root', LLAMA_API_KEY: 'k', OWN: 'x' };
  expect(shownEnvironment(environment)).toEqual({
    PATH: '/bin',
    HOME: '/root',
    LLAMA_API_KEY: '(sensitive)',
    OWN: '(sensitive)',
  });
  expect(secretsIn({ ...environment, MY_PASSWORD: 'p' })).toEqual(['k', 'p']);
});

test('libraries of llama.cpp are known by their names', () => {
  const names = ['libllama.so', 'libggml-cpu-x64.so', 'libllama.so.0', 'libc.so.6', 'libllama.a'];
  expect(names.filter(isOwnLibrary)).toEqual(names.slice(0, 3));
});

test('a model that is not whole is told by what is missing', () => {
  const pointer = '/instance/a/server/model';
  const tell = (path: string, ...there: readonly string[]) =>
    missingModel({ path, pointer }, (file) => there.includes(file))?.message;
  expect(tell('/m/a.gguf', '/m/a.gguf')).toBeUndefined();
  expect(tell('/m/a.gguf')).toBe('instance.a.server.model: there is no such model here: /m/a.gguf');
  const shard = (n: number) => `/m/a-0000${n}-of-00006.gguf`;
  expect(tell(shard(1), ...[1, 2, 3, 4, 5].map(shard))).toBe(
    `instance.a.server.model: 1 of 6 shards is missing: ${shard(6)}`,
  );
  expect(tell(shard(1), shard(1))).toBe(
    `instance.a.server.model: 5 of 6 shards are missing: ${[2, 3, 4].map(shard).join(', ')}, …`,
  );
  expect(tell(shard(1))).toContain('no such model here');
});

const outcome = (state: Outcome['state'], more: Partial<Outcome> = {}): Outcome => ({
  name: 'a',
  state,
  url: 'http://127.0.0.1:1',
  log: '/tmp/a',
  ...more,
});
const healthy = outcome('healthy', { healthyAfterMs: 5, pid: 7 });

test('the exit code says what has become of a run', () => {
  expect(exitOf([healthy], undefined)).toBe('ok');
  expect(exitOf([healthy, outcome('failed')], 'SIGTERM')).toBe('runtime');
  expect(exitOf([outcome('stopped', { healthyAfterMs: 5 })], 'SIGTERM')).toBe('ok');
  expect(exitOf([outcome('stopped')], 'SIGTERM')).toBe('terminated');
  expect(exitOf([healthy, outcome('not-started')], 'SIGINT')).toBe('interrupted');
  expect(exitOf([outcome('ended')], 'SIGINT')).toBe('ok');
});

test('those that failed and those that run are counted', () => {
  const all = [healthy, outcome('starting'), outcome('failed'), outcome('stopped')];
  expect(running(all)).toEqual(all.slice(0, 2));
  expect(failedInWords(all)).toBe('1 of 4 instances failed');
  expect(failedInWords([outcome('failed')])).toBe('1 of 1 instance failed');
});

test('what is not known of an instance is null', () => {
  expect(outcomeJson(outcome('not-started'))).toEqual({
    name: 'a',
    state: 'not-started',
    url: 'http://127.0.0.1:1',
    log: '/tmp/a',
    pid: null,
    exit_code: null,
    signal: null,
    healthy_after_ms: null,
    reason: null,
  });
  const ending = { exitCode: null, signal: 'SIGSEGV' };
  expect(outcomeJson(outcome('failed', { ending, reason: 'x' }))).toMatchObject({
    signal: 'SIGSEGV',
    reason: 'x',
  });
});
