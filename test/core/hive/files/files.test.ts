import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import rolesSchema from '../../../../schemas/hive/roles.schema.json' with { type: 'json' };
import { fileTypeOf } from '../../../../src/core/hive/files/file-type.ts';
import { type FileType, fileTypes } from '../../../../src/core/hive/files/file-types.ts';
import {
  checkFile,
  type LoadedFile,
  loadDocument,
  loadRoles,
} from '../../../../src/core/hive/files/load-file.ts';
import { type DocumentType, documentTypes } from '../../../../src/core/hive/read/read-document.ts';
import { fileTypes as typesWithTable, wholeDocument } from '../../../support/hive-documents.ts';

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Each as its rule and its message. */
function said({ result }: LoadedFile<unknown>): readonly string[] {
  const all = result.ok ? result.warnings : result.diagnostics;
  return all.map(({ rule, message }) => `${rule} ${message}`);
}

test('every document is a file but a heartbeat, and so are roles, the control file and inventories', () => {
  const documents = documentTypes.filter((type) => type !== 'heartbeat');
  expect(fileTypes).toEqual([...documents, 'roles', 'control', 'inventory']);
});

test.each(typesWithTable)('%s is known by its wrapper key and by its own keys', (type) => {
  const whole = wholeDocument(type);
  expect(fileTypeOf({ [type]: whole })).toBe(type);
  expect(fileTypeOf({ [type]: {} })).toBe(type);
  expect(fileTypeOf(whole)).toBe(type);
});

test.each(typesWithTable)('the example of %s in the contract is valid, also bare', (type) => {
  const text = readFileSync(`fixtures/hive-documents/${type.replaceAll('_', '-')}.yaml`, 'utf8');
  const bare = text.replace(/^.*\n/, '').replaceAll(/^ {2}/gm, '');
  for (const one of [text, bare]) {
    const checked = checkFile(bytes(one)).result;
    expect(checked).toEqual({ ok: true, value: type, warnings: [] });
    expect(loadDocument(bytes(one), type).result.ok).toBe(true);
  }
});

test.each<readonly [unknown, FileType | undefined]>([
  [[{ role_id: 'a' }], 'roles'],
  [[{ role: { role_id: 'a' } }], 'roles'],
  [{ roles: [] }, 'roles'],
  [[], undefined],
  [{ server: {} }, 'control'],
  [{ auth: {} }, 'control'],
  [{ server: {}, auth: {}, limit: 1 }, 'control'],
  [{ samples: [] }, 'benchmark_report'],
  [{ samples: [{ benchmark_id: 'b' }] }, 'benchmark_ingest_request'],
  [{ samples: [{ benchmark_id: 'b' }, {}] }, 'benchmark_report'],
  [{ observed_at: 1, samples: [{ benchmark_id: 'b' }] }, 'benchmark_report'],
  [{ host: {}, services: [] }, 'inventory'],
  [{ host: {}, services: [], assets: [] }, 'inventory'],
  [{ host: {} }, 'host'],
  [{ heartbeat: {} }, undefined],
  [{ service_id: 's' }, undefined],
  [{ address: 'a', endpoint: 'b' }, undefined],
  [{}, undefined],
  [1, undefined],
])('%j is a file of type %s', (value, type) => {
  expect(fileTypeOf(value)).toBe(type);
});

test('what a file is not can be told, and what it is has to fit', () => {
  const host = bytes('host:\n  host_id: h\n  address: a\n');
  expect(said(checkFile(host, 'service'))).toEqual([
    'hive-document this is `host`, where `service` belongs',
  ]);
  expect(said(checkFile(bytes('a: 1\n')))).toEqual([
    'hive-document nobody can tell what this document is',
  ]);
  expect(checkFile(bytes('{}'), 'route_match_request').result.ok).toBe(true);
  expect(checkFile(bytes('{}'), 'control').result.ok).toBe(true);
  expect(checkFile(bytes('{}'), 'inventory').result.ok).toBe(true);
  expect(checkFile(bytes('{port: 5}'), 'inventory').result.ok).toBe(false);
});

test('all problems of a file are told with the place below its wrapper key', () => {
  const text = `host:
  host_idd: h
  address: 1
  status: {last_seen: noon}
  services:
    - {service_id: s, host_id: h, kind: chatt, endpoint: "http://169.254.169.254", x: 1}
`;
  expect(said(checkFile(bytes(text)))).toEqual([
    'hive-missing host.host_id: is required',
    'hive-value host.address: should be a valid string',
    'hive-value host.status.last_seen: should be a valid time: write 2026-04-05T15:30:00Z, or seconds since 1970',
    "hive-value host.services[0].kind: should be 'chat', 'embeddings' or 'transcription'",
    'hive-value host.services[0].endpoint: should not be a link-local address or a metadata service of a cloud',
    'hive-ignored-key host.host_idd: unknown key, which is left out',
    'hive-ignored-key host.services[0].x: unknown key, which is left out',
  ]);
});

test('a sample of a report without any time is told', () => {
  expect(said(checkFile(bytes('samples: [{service_id: s, workload: w}]\n')))).toEqual([
    'hive-value samples[0].observed_at: benchmark report sample is missing observed_at and report has no default observed_at',
  ]);
});

test('keys of maps are nobody’s business, and others that are left out are warned of', () => {
  const text = 'host_id: h\naddress: a\nmetrics: {any: 1}\ncapabilites: {}\n';
  const { result } = checkFile(bytes(text));
  expect(result).toMatchObject({ ok: true, value: 'host' });
  expect(result.ok && result.warnings).toMatchObject([
    { rule: 'hive-ignored-key', pointer: '/capabilites', help: 'did you mean capabilities?' },
  ]);
});

test('a document that is no object, and one that is no text at all, are told', () => {
  expect(said(checkFile(bytes('5'), 'host'))).toEqual([
    'hive-value the document: should be a valid dictionary',
  ]);
  expect(said(checkFile(new Uint8Array([0xff, 0x20]), 'host'))).toEqual([
    expect.stringContaining('config-not-text'),
  ]);
  expect(said(checkFile(bytes('a: [')))).toEqual([expect.stringContaining('hive-syntax')]);
});

const role = (id: string) => `{role_id: ${id}, operation: chat, modality: text}`;

test('roles stand in a list, bare or below roles, each bare or below role', () => {
  for (const text of [
    `roles:\n  - ${role('a')}\n  - role: ${role('b')}\n`,
    `- ${role('a')}\n- ${role('b')}\n`,
    `{"roles": [${role('a')}, ${role('b')}]}`,
  ]) {
    const { result } = loadRoles(bytes(text));
    expect(result.ok ? result.value.map(({ role_id: id }) => id) : result).toEqual(['a', 'b']);
  }
  for (const text of ['', 'roles:\n', 'roles: []\n', '[]']) {
    expect(loadRoles(bytes(text)).result).toEqual({ ok: true, value: [], warnings: [] });
  }
});

test('a role that is there twice is an error with both places', () => {
  const { result } = loadRoles(bytes(`roles: [${role('a')}, {role: ${role('a')}}]`));
  expect(result.ok ? [] : result.diagnostics).toMatchObject([
    {
      rule: 'hive-duplicate-role',
      pointer: '/roles/1/role/role_id',
      notes: [{ pointer: '/roles/0/role_id', message: 'first used here' }],
    },
  ]);
});

test('what is wrong with roles is told of all of them', () => {
  const text = `roles:\n  - {role_id: a}\n  - 5\n  - {role_id: b, operation: chat, modality: text, x: 1}\n`;
  expect(said(checkFile(bytes(text)))).toEqual([
    'hive-missing roles[0].operation: is required',
    'hive-missing roles[0].modality: is required',
    'hive-value roles[1]: should be a valid dictionary',
    'hive-ignored-key roles[2].x: unknown key, which is left out',
  ]);
  expect(said(loadRoles(bytes('roles: 5\n')))).toEqual([
    'hive-value roles: should be a list of roles',
  ]);
  expect(said(loadRoles(bytes('5\n')))).toEqual([
    'hive-value the document: should be a list of roles',
  ]);
});

test('an editor and the registry agree on files of roles', () => {
  const validate = new Ajv({ allErrors: true, allowUnionTypes: true, strict: false }).compile(
    rolesSchema,
  );
  const one = wholeDocument('role');
  const values = [{ roles: [one] }, [one, { role: { ...one, role_id: 'b' } }], [], [{}], 5, ['x']];
  for (const value of [...values, { roles: [] }, { roles: 5 }, [{ role: {} }]]) {
    const text = JSON.stringify(value);
    expect([text, validate(value)]).toEqual([text, loadRoles(bytes(text)).result.ok]);
  }
  for (const example of rolesSchema.examples) expect(validate(example)).toBe(true);
});

test('what is loaded is complete, whatever type it is', () => {
  const type: DocumentType = 'request_shape_policy';
  expect(loadDocument(bytes('{}'), type).result).toEqual({
    ...{ ok: true, warnings: [] },
    value: { body_defaults: {}, system_prompt: null, system_prompt_position: 'prepend' },
  });
});
