import { expect, test } from 'vitest';
import {
  backendPart,
  contractFiles,
  fleetProblems,
  fleetTold,
  hostPart,
  modelPart,
  type Part,
  runtimesPart,
} from '../../support/runtimes.ts';

/** What is wrong, and what is said of it. */
const cases: readonly (readonly [document: unknown, told: string])[] = [
  [[], 'error fleet-type runtimes: expected object'],
  ['null', 'error fleet-type runtimes: expected object'],
  [runtimesPart({ x: 1 }), 'warning fleet-unknown-top-level-key unknown top-level key "x"'],
  ...['1', 2, null, undefined, true].map(
    (schema_version) =>
      [
        runtimesPart({ schema_version }),
        'error fleet-schema-version runtimes.schema_version: must be 1',
      ] as const,
  ),
  [runtimesPart({ hosts: {} }), 'error fleet-type runtimes.hosts: expected array'],
  [runtimesPart({ backends: 'none' }), 'error fleet-type runtimes.backends: expected array'],
  [runtimesPart({ models: undefined }), 'error fleet-type runtimes.models: expected array'],
  ofHost({ enabled: 'yes' }, 'fleet-type hosts[0].enabled: expected boolean'),
  ofHost({ id: 1 }, 'fleet-type hosts[0].id: expected string'),
  ofHost({ id: null }, 'fleet-type hosts[0].id: expected string'),
  ofHost({ display_name: undefined }, 'fleet-type hosts[0].display_name: expected string'),
  ofHost({ connection: { port: '22' } }, 'fleet-type hosts[0].connection.port: expected number'),
  ofHost(
    { capabilities: { gpu: 'x', backends: [] } },
    'fleet-type hosts[0].capabilities.gpu: expected array',
  ),
  ofHost({ connection: [] }, 'fleet-type hosts[0].connection: expected object'),
  ofHost({ zzz: 1 }, 'fleet-unknown-key hosts[0]: unknown key "zzz"'),
  ofHost({ connection: { zz: 1 } }, 'fleet-unknown-key hosts[0].connection: unknown key "zz"'),
  ...['Lab', '-lab', '', 'a_b', 'a b', 'a'.repeat(65)].map((id) =>
    ofHost({ id }, 'fleet-id hosts[0].id: invalid id format'),
  ),
  ofHost({ transport: 'telnet' }, 'fleet-choice hosts[0].transport: expected "local" or "ssh"'),
  ofHost({ transport: 1 }, 'fleet-choice hosts[0].transport: expected "local" or "ssh"'),
  ofBackend({ type: 'opencl' }, 'fleet-choice backends[0].type: invalid backend type'),
  ofBackend({ args: [1] }, 'fleet-type backends[0].args[0]: expected string'),
  ofBackend({ env: { A: 1 } }, 'fleet-type backends[0].env.A: expected string'),
  ofBackend({ env: ['A=1'] }, 'fleet-type backends[0].env: expected object'),
  ofBackend({ verify_always: 1 }, 'fleet-type backends[0].verify_always: expected boolean'),
  ofBackend({ host_filters: 'lab' }, 'fleet-policy backends[0].host_filters: expected array'),
  ofModel({ launch: 'x' }, 'fleet-type models[0].launch: expected object'),
  ofModel(
    { launch: { start_cmd: 'a', probe_cmd: 'b', zz: 1 } },
    'fleet-unknown-key models[0].launch: unknown key "zz"',
  ),
  ofModel(
    { runtime_defaults: { zz: 1 } },
    'fleet-unknown-key models[0].runtime_defaults: unknown key "zz"',
  ),
  ofModel({ chat_template: 'x' }, 'fleet-unknown-key models[0]: unknown key "chat_template"'),
  ofModel({ thinking_mode: true }, 'fleet-unknown-key models[0]: unknown key "thinking_mode"'),
  ofModel({ backend_policy: 'rocm' }, 'fleet-policy models[0].backend_policy: expected array'),
  ofModel({ host_policy: [1] }, 'fleet-type models[0].host_policy[0]: expected string'),
  [
    '{"schema_version":1,"hosts":[],"backends":[],"models":[7]}',
    'error fleet-type models[0]: expected object',
  ],
];

function ofHost(more: Part, told: string): readonly [unknown, string] {
  return [runtimesPart({ hosts: [hostPart(more)] }), `error ${told}`];
}

function ofBackend(more: Part, told: string): readonly [unknown, string] {
  return [runtimesPart({ backends: [backendPart(more)] }), `error ${told}`];
}

function ofModel(more: Part, told: string): readonly [unknown, string] {
  return [runtimesPart({ models: [modelPart(more)] }), `error ${told}`];
}

test.for(cases.map(([document, told]) => [told, document] as const))(
  'one thing is wrong: %s',
  ([told, document]) => {
    expect(fleetTold(document)).toEqual([told]);
  },
);

test('what names entries of a list that is none is not told of', () => {
  const models = [modelPart({ host_policy: ['lab'], backend_policy: ['rocm'] })];
  expect(fleetTold(runtimesPart({ hosts: 1, backends: undefined, models }))).toEqual([
    'error fleet-type runtimes.hosts: expected array',
    'error fleet-type runtimes.backends: expected array',
  ]);
});

test('every problem says what would work', () => {
  for (const [document] of cases) {
    for (const { help } of fleetProblems(document)) expect(help).toMatch(/\S/);
  }
});

test('the files of the contract are valid, with hints alone', () => {
  for (const text of contractFiles) {
    expect(fleetProblems(text).filter(({ severity }) => severity === 'error')).toEqual([]);
  }
});

test('a null stands for a key that is left out, wherever one may be', () => {
  const nothing = {
    hosts: [
      hostPart({
        connection: { host: null, port: null, user: null, key_path: null, password: null },
        capabilities: { gpu: [], vram_gb: null, backends: ['rocm'] },
        health: { check_cmd: 'true', timeout_sec: null },
        model_control: { stop_cmd: 'true', cleanup_cmd: null },
      }),
    ],
    backends: [
      backendPart({
        ...{ apply_cmd: null, verify_cmd: null, verify_always: null },
        ...{ rollback_cmd: null, env: null, args: null },
      }),
    ],
    models: [
      modelPart({
        launch: {
          start_cmd: 'a',
          probe_cmd: 'b',
          probe_timeout_sec: null,
          probe_interval_ms: null,
        },
        runtime_defaults: null,
        split_policy: null,
      }),
      modelPart({
        id: 'other',
        runtime_defaults: { port: null, context_window: null, max_tokens: null },
      }),
    ],
  };
  expect(fleetTold(runtimesPart(nothing))).toEqual([]);
});

test('the schema that an editor looks for is a key that is known', () => {
  const document = { $schema: './runtimes.schema.json', ...runtimesPart({}) };
  expect(fleetProblems(document)).toEqual([]);
});

test('everything is told at once: the whole first, then entry by entry, then what is there twice or not at all', () => {
  const document = {
    models: [modelPart({ id: 'M', host_policy: ['nobody'] })],
    extra: 1,
    backends: [backendPart({ enabled: 1 }), backendPart({ type: 'x' })],
    hosts: [hostPart({ port: 1, connection: { host: '-x' } }), hostPart({ health: {} })],
    schema_version: 3,
  };
  expect(fleetProblems(document).map(({ message }) => message)).toEqual([
    'unknown top-level key "extra"',
    'runtimes.schema_version: must be 1',
    'hosts[0]: unknown key "port"',
    'hosts[0].connection.host: begins with a dash: ssh would take it for an option',
    'hosts[1].health.check_cmd: expected string',
    'backends[0].enabled: expected boolean',
    'backends[1].type: invalid backend type',
    'models[0].id: invalid id format',
    'hosts: duplicate id "lab"',
    'backends: duplicate id "rocm"',
    'models[M].host_policy: unknown host id "nobody"',
  ]);
});

test('a key or a word that is close to one that there is, is asked for', () => {
  const helps = (document: unknown) => fleetProblems(document).map(({ help }) => help);
  expect(helps(runtimesPart({ host: [] }))).toEqual(['did you mean "hosts"?']);
  expect(helps(runtimesPart({ hosts: [hostPart({ enable: true })] }))).toEqual([
    'did you mean "enabled"?',
  ]);
  expect(helps(runtimesPart({ backends: [backendPart({ type: 'cudda' })] }))).toEqual([
    'did you mean "cuda"?',
  ]);
  expect(helps(runtimesPart({ models: [modelPart({ host_policy: ['labb'] })] }))).toEqual([
    'did you mean "lab"?',
  ]);
});
