import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VllmdError } from '../../../src/core/failure.ts';
import type { ActiveRecord } from '../../../src/core/fleet/active-record.ts';
import { parseActiveRecord } from '../../../src/core/fleet/parse-active-record.ts';
import { planned, recordOf, single, two } from './plan/samples.ts';

const PATH = '/state/runtime-active.json';

const active: ActiveRecord = {
  ...recordOf(planned(single, 'qwen3-coder-q4')),
  processes: [
    {
      host_id: 'local-main',
      unit: { name: 'vllmd-fleet-a\\x2db@1.service', manager: 'system' },
      log: '/l/a',
    },
    { host_id: 'local-main', group: { pgid: 4711, startTime: 0 }, log: '/l/b' },
    { host_id: 'local-main', marker: '0123456789abcdef', log: '/l/b' },
    { host_id: 'local-main', log: '~/l/c d' },
  ],
};

function parsed(value: unknown): ActiveRecord {
  return parseActiveRecord(JSON.stringify(value), PATH);
}

test('a record comes back as it was written', () => {
  expect(parsed(active)).toEqual(active);
  const remote = { ...recordOf(planned(two, 'qwen-remote')), backend_id: null, healthy: false };
  expect(parsed(remote)).toEqual(remote);
});

test('what a record has besides is left behind', () => {
  const [process] = active.processes;
  const more = {
    ...active,
    other: 1,
    variables: { ...active.variables, other: 1 },
    hosts: [{ ...active.hosts?.[0], other: 1, password: 'p' }],
    processes: [{ ...process, other: 1, unit: { ...process?.unit, other: 1 } }],
  };
  expect(parsed(more)).toEqual({ ...active, processes: [process] });
});

function refusal(text: string): VllmdError {
  try {
    parseActiveRecord(text, PATH);
  } catch (error) {
    if (error instanceof VllmdError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

test.for([
  ['', 'is not JSON'],
  ['{"format_version": 1', 'is not JSON'],
  ['null', 'is not a JSON object'],
  ['[]', 'is not a JSON object'],
  ['"x"', 'is not a JSON object'],
  ['{}', 'has format_version none, this vllmd reads 1'],
  ['{"format_version": 2}', 'has format_version 2, this vllmd reads 1'],
  ['{"format_version": "1"}', 'has format_version "1", this vllmd reads 1'],
  ['{"format_version": 1}', 'lacks a usable "model_id"'],
] as const)('%j %s: it is refused with its name, and never taken for no record', ([text, why]) => {
  const error = refusal(text);
  expect(error.message).toBe(`${PATH} ${why}: what it says of the active runtime cannot be used`);
  expect(error.exit).toBe('conflict');
  expect(error.hint).toBe('stop what runs by hand, then remove the file');
});

const { variables } = active;
const process = { host_id: 'local-main', log: '/l' };

const wrong: readonly (readonly [keyof ActiveRecord, unknown])[] = [
  ['model_id', 'A b'],
  ['model_id', `a${'b'.repeat(64)}`],
  ['model_id', 'a\n'],
  ['backend_id', undefined],
  ['backend_id', ''],
  ['host_ids', []],
  ['host_ids', ['a', 1]],
  ['host_ids', 'a'],
  ['host_ids', ['../a']],
  ['hosts', {}],
  ['hosts', [{ id: 'lab' }]],
  ['hosts', [{ id: 'Lab', transport: 'ssh' }]],
  ['hosts', [{ id: 'lab', transport: 'telnet' }]],
  ['hosts', [{ id: 'lab', transport: 'ssh', host: 1 }]],
  ['hosts', [{ id: 'lab', transport: 'ssh', user: 'a\0b' }]],
  ['hosts', [{ id: 'lab', transport: 'ssh', port: 0 }]],
  ['healthy', 'true'],
  ['started_at', 'yesterday'],
  ['started_at', 1],
  ['endpoint', null],
  ['endpoint', 'javascript:1'],
  ['endpoint', 'http://a\nb:1/v1'],
  ['fingerprint', ''],
  ['fingerprint', 'a b'],
  ['variables', undefined],
  ['variables', { ...variables, source: undefined }],
  ['variables', { ...variables, source: 'a\0b' }],
  ['variables', { ...variables, port: 0 }],
  ['variables', { ...variables, port: 65_536 }],
  ['variables', { ...variables, port: 1.5 }],
  ['variables', { ...variables, port: '1' }],
  ['variables', { ...variables, backend_args: 'a' }],
  ['variables', { ...variables, backend_args: [1] }],
  ['variables', { ...variables, backend_env: ['A B;rm=1'] }],
  ['variables', { ...variables, backend_env: ['A'] }],
  ['variables', { ...variables, backend_env: ['$(id)=1'] }],
  ['variables', { ...variables, backend_id: 'A' }],
  ['variables', { ...variables, host_id: '' }],
  ['processes', {}],
  ['processes', [{ log: '/l' }]],
  ['processes', [{ ...process, log: '' }]],
  ['processes', [{ ...process, log: '-f' }]],
  ['processes', [{ ...process, log: '/a\nb' }]],
  ['processes', [{ ...process, unit: 'x' }]],
  ['processes', [{ ...process, unit: { name: '--all', manager: 'user' } }]],
  ['processes', [{ ...process, unit: { name: 'a b', manager: 'user' } }]],
  ['processes', [{ ...process, unit: { name: 'a', manager: 'root' } }]],
  ['processes', [{ ...process, marker: '' }]],
  ['processes', [{ ...process, marker: 'no;hex0123456789' }]],
  ['processes', [{ ...process, group: { pgid: 1, startTime: 1 } }]],
  ['processes', [{ ...process, group: { pgid: -5, startTime: 1 } }]],
  ['processes', [{ ...process, group: { pgid: 5 } }]],
  ['processes', [{ ...process, group: [5] }]],
];

test.for(wrong)('a record whose %s is %j is refused', ([key, value]) => {
  expect(refusal(JSON.stringify({ ...active, [key]: value })).message).toContain(
    `lacks a usable "${key}"`,
  );
});

const optional = ['hosts', 'endpoint'];
const required = Object.keys(active).filter((key) => !optional.includes(key));

test('a record of before, without the ways to its hosts, is read as it was', () => {
  const { hosts: _, ...old } = active;
  expect(parsed(old)).toEqual(old);
});

test('a record of a runtime of which nobody says where it listens is one without a place', () => {
  const { endpoint: _, ...silent } = active;
  expect(parsed(silent)).toEqual(silent);
});

test('whatever the file holds, it is a record or refused', () => {
  const value = fc.oneof(fc.json(), fc.string());
  fc.assert(
    fc.property(value, fc.constantFrom(...required), (text, key) => {
      expect(() => parseActiveRecord(text, PATH)).toThrow(VllmdError);
      const { [key]: _, ...rest } = { ...active } as Record<string, unknown>;
      expect(refusal(JSON.stringify(rest))).toBeInstanceOf(VllmdError);
    }),
  );
});
