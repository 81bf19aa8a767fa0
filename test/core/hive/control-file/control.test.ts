import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import schema from '../../../../schemas/hive/control.schema.json' with { type: 'json' };
import { decodeControl } from '../../../../src/core/hive/control-file/decode-control.ts';
import { controlTable, nodeKeyShape } from '../../../../src/core/hive/control-file/table.ts';
import { loadControl } from '../../../../src/core/hive/files/load-file.ts';
import type { Field } from '../../../../src/core/hive/read/field.ts';
import { pathsOf, withValue } from '../../../support/hive-documents.ts';

const validate = new Ajv({ allErrors: true, allowUnionTypes: true, strict: false }).compile(schema);

const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

function loaded(text: string) {
  return loadControl(new TextEncoder().encode(text)).result;
}

function problemsIn(text: string): readonly string[] {
  const result = loaded(text);
  return result.ok ? [] : result.diagnostics.map(({ rule, message }) => `${rule} ${message}`);
}

test('an empty file leaves everything as it is', () => {
  for (const text of ['', '{}', '# nothing\n', 'server:\n  port: 8800\n']) {
    expect(loaded(text)).toEqual({
      ok: true,
      warnings: [],
      value: {
        server: { host: '127.0.0.1', port: 8800, drainDelayS: 0 },
        auth: { clientKeys: [], nodeKeys: [], benchmarkKeys: [], allowOpen: false },
        storage: { sqlitePath: undefined },
        routing: {
          ...{ healthStaleAfterS: 30, defaultStrategy: 'scored', profile: 'v1', failOpen: false },
          ...{ benchmarkMaxAgeS: undefined, retries: 1, allowNetworks: [] },
          allowAnyEndpoint: false,
        },
        limits: {
          ...{ bodyBytes: 10_485_760, audioBytes: 26_214_400, connectTimeoutS: 10 },
          ...{ readTimeoutS: 600, drainTimeoutS: 30 },
        },
        ...{ auditLog: undefined, rolesPath: undefined },
      },
    });
  }
});

test('a key is kept as its digest, whether it is written as itself or as that', () => {
  const text = `auth:
  client_api_keys: [abc]
  benchmark_api_keys: ["sha256:${ABC.toUpperCase()}"]
  node_api_keys:
    - abc
    - {key: other, key_id: nk1, host_ids: [h1, h2]}
    - {key: third}
`;
  const result = loaded(text);
  expect(result.ok ? result.value.auth : result).toMatchObject({
    clientKeys: [{ sha256: ABC }],
    benchmarkKeys: [{ sha256: ABC }],
    nodeKeys: [
      { sha256: ABC, keyId: undefined, hostIds: undefined },
      { keyId: 'nk1', hostIds: ['h1', 'h2'] },
      { keyId: undefined, hostIds: undefined },
    ],
  });
});

test('everything that is wrong is told at once, and no key is told', () => {
  const text = `server: {prt: 1, port: 65536}
auth:
  client_api_keys: [s3cret, s3cret, "s3cret s3cret", ""]
  node_api_keys: [{key: s3cret, keyid: a}, {key_id: a}, 5, "sha256:s3cret"]
routing: {default_strategy: round_robbin, allow_networks: [10.0.0.0/33], retries: 1.5}
extra: 1
`;
  const problems = problemsIn(text);
  expect(problems).toEqual([
    'hive-unknown-key server.prt: unknown key',
    'hive-unknown-key auth.node_api_keys[0].keyid: unknown key',
    'hive-unknown-key extra: unknown key',
    'hive-value server.port: should be less than or equal to 65535',
    'hive-value auth.client_api_keys[1]: should be another key than number 1 of the list',
    'hive-value auth.client_api_keys[2]: should be a key of ASCII characters without blanks',
    'hive-value auth.client_api_keys[3]: should be a key of ASCII characters without blanks',
    'hive-missing auth.node_api_keys[1].key: is required',
    'hive-value auth.node_api_keys[2]: should be a valid string',
    'hive-value auth.node_api_keys[3]: should have 64 hexadecimal digits behind sha256:, the digest of the key',
    "hive-value routing.default_strategy: should be 'scored', 'round_robin' or 'least_loaded'",
    'hive-value routing.retries: should be a valid integer, got a number with a fractional part',
    'hive-value routing.allow_networks[0]: should be a network such as 10.0.0.0/8 or fd00::/8, or one address',
  ]);
  const helps = loaded(text);
  const found = helps.ok ? [] : helps.diagnostics.map(({ help }) => help);
  expect(found).toContain('did you mean port?');
  expect(found).toContain('did you mean round_robin?');
});

test('a file that is no object is told as such', () => {
  expect(problemsIn('- 1\n')).toEqual(['hive-value the document: should be a valid dictionary']);
  expect(problemsIn('auth: 1\n')).toEqual(['hive-value auth: should be a valid dictionary']);
});

const edges: readonly unknown[] = [
  ...[null, true, false, {}, [], [null], ['a'], ['a', 'b'], [1], [{}], [{ key: 'a' }]],
  ...[[{ key: 'a', key_id: null, host_ids: null }], [{ key: 1 }], [{ key: 'a', x: 1 }], { x: 1 }],
  ...[[''], ['a b'], ['ä'], [`sha256:${ABC}`], ['sha256:1'], ['SHA256:x'], ['a', 'a']],
  ...[-1, 0, 0.0001, 0.5, 1, 10, 11, 1023, 1024, 65_535, 65_536, 86_400, 86_401, 2 ** 30, 2 ** 31],
  ...['scored', 'least_loaded', 'v1', 'v2', 'x'],
  ...['a\nb', ''],
];

/** What a table takes for a number or a truth, and what a person would not write. */
function isCoerced(field: Field, value: unknown): boolean {
  const isNumber = field.kind === 'number' || field.kind === 'integer';
  return (
    (isNumber && typeof value === 'boolean') ||
    (field.kind === 'boolean' && (value === 0 || value === 1))
  );
}

function fieldAt(field: Field, path: readonly (string | 0)[]): Field {
  const [key, ...rest] = path;
  if (key === undefined) return field;
  if (field.kind === 'list') return fieldAt(field.of, rest);
  return fieldAt((field.kind === 'object' ? field.fields[key] : undefined) ?? field, rest);
}

test.each(pathsOf(controlTable.fields).map((path) => [path]))(
  'an editor and the registry agree on every value of %j',
  (path) => {
    for (const value of edges) {
      if (isCoerced(fieldAt(controlTable, path), value)) continue;
      // What a network is no pattern says.
      if (path.includes('allow_networks') && Array.isArray(value) && value.length > 0) continue;
      if (path.at(-1) === 0 && path.at(-2) === 'allow_networks') continue;
      const text = JSON.stringify(withValue({}, path, value));
      const { ok } = loaded(text);
      expect([text, validate(JSON.parse(text))]).toEqual([text, ok]);
    }
  },
);

test('the schema has every key with its default, and its example is valid', () => {
  const sections = schema.properties as Readonly<Record<string, Schema>>;
  expectSame(controlTable, { properties: sections });
  const { items } = schema.properties.auth.properties.node_api_keys;
  expectSame(nodeKeyShape, (items.anyOf[1] ?? {}) as Schema);
  for (const example of schema.examples) {
    expect(validate(example)).toBe(true);
    expect(decodeControl(example).ok).toBe(true);
  }
});

type Schema = {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly default?: unknown;
};

function expectSame(field: Field, { properties = {} }: Schema): void {
  const fields = field.kind === 'object' ? field.fields : {};
  expect(Object.keys(properties)).toEqual(Object.keys(fields));
  for (const [key, inner] of Object.entries(fields)) {
    expect([key, properties[key]?.default]).toEqual([key, inner.default]);
    if (inner.kind === 'object') expectSame(inner, properties[key] ?? {});
  }
}
