import { expect, test } from 'vitest';
import type { FileAccess } from '../../../src/core/fleet/file-mode.ts';
import { loadFleet } from '../../../src/core/fleet/load.ts';
import {
  backendPart,
  fleetProblems,
  fleetTold,
  hostPart,
  modelPart,
  type Part,
  runtimesPart,
} from '../../support/runtimes.ts';

function ofHost(more: Part): Part {
  return runtimesPart({ hosts: [hostPart(more)] });
}

function ofBackend(more: Part): Part {
  return runtimesPart({ backends: [backendPart(more)] });
}

function ofModel(more: Part): Part {
  return runtimesPart({ models: [modelPart(more)] });
}

function launch(start_cmd: string): Part {
  return ofModel({ launch: { start_cmd, probe_cmd: 'true' }, runtime_defaults: { port: 8080 } });
}

const ssh = (connection: Part) => ofHost({ transport: 'ssh', connection });

const errors: readonly (readonly [rule: string, what: string, document: Part])[] = [
  [
    'fleet-duplicate-id',
    'a model id that is there twice',
    runtimesPart({ models: [modelPart(), modelPart()] }),
  ],
  ...[-5, 0, 99_999, 80.5].flatMap((port) => [
    ['fleet-port', `port ${port} of ssh`, ssh({ host: 'lab', port })] as const,
    ['fleet-port', `port ${port} of a model`, ofModel({ runtime_defaults: { port } })] as const,
  ]),
  ...[0, -1, 1e9].map(
    (timeout_sec) =>
      [
        'fleet-time-span',
        `a limit of ${timeout_sec}`,
        ofHost({ health: { check_cmd: 'true', timeout_sec } }),
      ] as const,
  ),
  [
    'fleet-time-span',
    'a limit of zero for a probe',
    ofModel({ launch: { start_cmd: 'a', probe_cmd: 'b', probe_timeout_sec: 0 } }),
  ],
  [
    'fleet-time-span',
    'a negative interval',
    ofModel({ launch: { start_cmd: 'a', probe_cmd: 'b', probe_interval_ms: -1 } }),
  ],
  ['fleet-ssh-host', 'ssh without a host', ssh({})],
  ['fleet-ssh-host', 'ssh with null for a host', ssh({ host: null })],
  ['fleet-ssh-host', 'ssh with an empty host', ssh({ host: '' })],
  ['fleet-empty-secret', 'an empty password', ssh({ host: 'lab', password: '' })],
  ['fleet-empty-secret', 'an empty key file', ssh({ host: 'lab', key_path: '' })],
  ['fleet-ssh-destination', 'a host with a dash', ssh({ host: '-oProxyCommand=x' })],
  ['fleet-ssh-destination', 'a user with a dash', ssh({ host: 'lab', user: '-l' })],
  ['fleet-ssh-destination', 'a host with a blank', ssh({ host: 'lab x' })],
  ['fleet-ssh-destination', 'a user with a line end', ssh({ host: 'lab', user: 'a\nb' })],
  ['fleet-ssh-destination', 'a user with a host', ssh({ host: 'lab', user: 'a@b' })],
  ...['A B;rm', '1A', '', 'A-B', 'Ä'].map(
    (name) =>
      ['fleet-env-name', `a variable ${name}`, ofBackend({ env: { [name]: 'x' } })] as const,
  ),
  ['fleet-empty-command', 'an empty check', ofHost({ health: { check_cmd: '' } })],
  ['fleet-empty-command', 'a stop of blanks', ofHost({ model_control: { stop_cmd: ' \n' } })],
  ['fleet-empty-command', 'an empty start', launch('')],
  ['fleet-secret-reference', 'a reference to a secret', ssh({ host: 'lab', password_ref: 'x' })],
  ['fleet-unknown-variable', 'a variable that there is not', launch('run {foo}')],
  ['fleet-unknown-variable', 'what awk prints', launch("awk '{print}'")],
  [
    'fleet-variable-without-value',
    'a source in a check of a host',
    ofHost({ health: { check_cmd: 'ls {source}' } }),
  ],
  ['fleet-variable-in-quotes', 'single quotes', launch("run '{source}'")],
  ['fleet-variable-in-quotes', 'double quotes', launch('run "{source}"')],
  ['fleet-variable-in-quotes', 'a backslash', launch('run \\{source}')],
  ['fleet-variable-in-quotes', 'backticks', launch('run `basename {source}`')],
  ['fleet-variable-in-quotes', 'a comment', launch('run # {source}')],
  ['fleet-variable-in-quotes', 'a here-document', launch('run <<END\n{source}\nEND')],
  ['fleet-variable-in-quotes', 'arithmetic', launch('run $((1 + {source}))')],
  ['fleet-character', 'a NUL character', ofModel({ source: 'a\0b' })],
  ['fleet-character', 'half of a character', ofBackend({ args: ['\ud800'] })],
  ['fleet-character', 'a line end in a password', ssh({ host: 'lab', password: 'a\n' })],
  ['fleet-unknown-id', 'a filter for nobody', ofBackend({ host_filters: ['nobody'] })],
  ['fleet-unknown-id', 'a policy for nobody', ofModel({ host_policy: ['nobody'] })],
  ['fleet-unknown-id', 'a policy for nothing', ofModel({ backend_policy: ['nothing'] })],
];

test.for(errors)('%s refuses %s', ([rule, , document]) => {
  expect(fleetProblems(document).map((problem) => [problem.severity, problem.rule])).toEqual([
    ['error', rule],
  ]);
});

const warnings: readonly (readonly [rule: string, what: string, document: Part])[] = [
  ['fleet-never-selected', 'an empty filter', ofBackend({ host_filters: [] })],
  ['fleet-never-selected', 'an empty policy', ofModel({ host_policy: [] })],
  [
    'fleet-unknown-backend',
    'a backend that the file does not have',
    ofHost({ capabilities: { gpu: [], backends: ['cuda'] } }),
  ],
  ['fleet-empty-command', 'an empty command that may be left out', ofBackend({ apply_cmd: '' })],
  ...Object.entries({ port: 22, user: 'ops', key_path: '~/.ssh/id', password: 'x' }).map(
    ([key, value]) =>
      [
        'fleet-local-connection',
        `the ${key} of a local host`,
        ofHost({ connection: { [key]: value } }),
      ] as const,
  ),
  ['fleet-split-policy', 'what is reserved', ofModel({ split_policy: { a: 1 } })],
  [
    'fleet-port-default',
    'a port that no model names',
    ofModel({ launch: { start_cmd: 'x {port}', probe_cmd: '{port}' } }),
  ],
];

test.for(warnings)('%s warns of %s', ([rule, , document]) => {
  expect(fleetProblems(document).map((problem) => [problem.severity, problem.rule])).toEqual([
    ['warning', rule],
  ]);
});

const allowed: readonly (readonly [what: string, document: Part])[] = [
  [
    'every variable where a model starts',
    launch('{source} {port} {host} {backend_args} {backend_env} {model_id} {host_id} {backend_id}'),
  ],
  [
    'what is of the shell or of another program',
    launch(`x \${home} {{x}} {FOO} {0} {a,b} { print } \${port}`),
  ],
  [
    'variables of a model where it is stopped',
    ofHost({ model_control: { stop_cmd: 'x {source} {port} {host}' } }),
  ],
  ['the host where it is checked', ofHost({ health: { check_cmd: 'ping {host} {host_id}' } })],
  ['braces in what is no command', ofModel({ source: '/m/{foo}.gguf' })],
  [
    'an interval of zero',
    ofModel({ launch: { start_cmd: 'a', probe_cmd: 'b', probe_interval_ms: 0 } }),
  ],
  ['a command of several lines', launch('a\nb')],
  ['any text in what is reserved', ofModel({ split_policy: null })],
  [
    'the address of a local host, and what is null of its connection',
    ofHost({ connection: { host: 'lab', port: null, key_path: null } }),
  ],
  ['an id of 64 characters', ofHost({ id: `a${'-'.repeat(63)}` })],
];

test.for(allowed)('nothing is told of %s', ([, document]) => {
  expect(fleetTold(document)).toEqual([]);
});

test('a variable in quotes is a warning where more is forgiven, and all else stays an error', () => {
  expect(fleetTold(launch("run '{source}'"), 'lenient')).toEqual([
    'warning fleet-variable-in-quotes models[0].launch.start_cmd: {source} stands in single quotes, which cancel those of its value',
  ]);
  for (const [rule, , document] of errors) {
    if (rule === 'fleet-variable-in-quotes') continue;
    expect(fleetProblems(document, 'lenient').map(({ severity }) => severity)).toEqual(['error']);
  }
});

test('a word in braces is told with the way to keep it as it is', () => {
  const [problem] = fleetProblems(launch("awk '{print}'"));
  expect(problem?.help).toContain('`{ print }`');
  expect(problem?.message).toBe('models[0].launch.start_cmd: unknown template variable {print}');
});

test('a file that others can change is told at each run, with a secret in it or without', () => {
  const told = (access: FileAccess) => {
    const options = { mode: 'strict', file: 'runtimes.json', ...access } as const;
    const { result } = loadFleet(Buffer.from(JSON.stringify(ofHost({}))), options);
    const all = result.ok ? result.warnings : result.diagnostics;
    return all.map(({ rule, severity, message }) => `${severity} ${rule} ${message}`);
  };
  const open = (mode: string) =>
    `warning fleet-file-writable mode ${mode}: others can change this file, and its commands run as who runs vllmd`;
  expect(told({ permissions: 0o100_664 })).toEqual([open('0664')]);
  expect(told({ permissions: 0o602 })).toEqual([open('0602')]);
  expect(told({ permissions: 0o644 })).toEqual([]);
  expect(told({ permissions: 0o600, owner: 1001, uid: 1000 })).toEqual([
    'warning fleet-file-writable this file belongs to the account with the ID 1001, which can change it, and its commands run as the one with the ID 1000',
  ]);
  expect(told({ permissions: 0o600, owner: 1000, uid: 0 })).toHaveLength(1);
  expect(told({ permissions: 0o600, owner: 0, uid: 1000 })).toEqual([]);
  expect(told({ permissions: 0o600, owner: 1000, uid: 1000 })).toEqual([]);
  expect(told({})).toEqual([]);
});

test('a secret in a file that others can read is told at its place, at each run', () => {
  const secret = ssh({ host: 'lab', password: 'hunter2' });
  const told = (document: Part, permissions?: number) =>
    fleetProblems(document, 'strict', permissions).map(({ rule, pointer, help }) => [
      ...[rule, pointer, help],
    ]);
  const warning = [
    'fleet-file-mode',
    '/hosts/0/connection/password',
    'run `chmod 600 runtimes.json`',
  ];
  expect(told(secret, 0o644)).toEqual([warning]);
  expect(told(secret, 0o100_640)).toEqual([warning]);
  expect(told(secret, 0o600)).toEqual([]);
  expect(told(secret, 0o400)).toEqual([]);
  expect(told(secret)).toEqual([]);
  expect(told(ofHost({}), 0o644)).toEqual([]);
  const inEnvironment = ofBackend({ env: { HF_TOKEN: 'x' } });
  expect(told(inEnvironment, 0o640)).toEqual([
    ['fleet-file-mode', '/backends/0/env/HF_TOKEN', 'run `chmod 600 runtimes.json`'],
  ]);
});
