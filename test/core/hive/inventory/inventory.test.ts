import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadInventory } from '../../../../src/core/hive/files/load-file.ts';
import { hostDocumentOf } from '../../../../src/core/hive/inventory/documents-of.ts';
import { isHostAddress } from '../../../../src/core/hive/inventory/host-address.ts';
import { readInventory } from '../../../../src/core/hive/inventory/read-inventory.ts';
import { readDocument } from '../../../../src/core/hive/read/read-document.ts';

function load(text: string) {
  return loadInventory(new TextEncoder().encode(text)).result;
}

/** Each as its rule and its message. */
function said(text: string): readonly string[] {
  const result = load(text);
  return result.ok ? [] : result.diagnostics.map(({ rule, message }) => `${rule} ${message}`);
}

const least = 'services:\n  - {name: coder, kind: chat, port: 8080, assets: [{asset_id: m}]}\n';

test('a file of few lines has all defaults', () => {
  expect(load(least)).toEqual({
    ok: true,
    warnings: [],
    value: {
      host: {
        ...{ host_id: null, address: null, display_name: null },
        ...{ labels: {}, capabilities: {}, resources: {} },
      },
      services: [
        {
          ...{ name: 'coder', kind: 'chat', scheme: 'http', address: null, port: 8080, path: '' },
          ...{ runtime: {}, assets: [{ asset_id: 'm', context_size: null }] },
        },
      ],
      assets: [],
    },
  });
});

test('an empty file is a host that has nothing to serve', () => {
  expect(load('')).toMatchObject({ ok: true, value: { services: [], assets: [] } });
});

test('every mistake is told at its place', () => {
  const text = `host: {address: "10.0.0.1:80", labels: {a: 1}}
services:
  - {name: a, kind: chatt, port: 0, path: /v1/, scheme: ftp, adress: x}
  - {kind: chat, port: 70000, address: "[fd00::1]", assets: [{asset_id: "", context_size: 0}]}
  - {name: a, kind: chatt, port: 1, address: ""}
assets:
  - {asset_id: m, operation: chat}
`;
  expect(said(text)).toEqual([
    'hive-unknown-key services[0].adress: unknown key',
    'hive-value host.labels.a: should be a valid string',
    'hive-value host.address: should be a name or an IP address, without a port and without brackets',
    "hive-value services[0].kind: should be 'chat', 'embeddings' or 'transcription'",
    "hive-value services[0].scheme: should be 'http' or 'https'",
    'hive-value services[0].port: should be greater than or equal to 1',
    'hive-value services[0].path: should begin with a slash and end without one, and have no ? and no #',
    'hive-missing services[1].name: is required',
    'hive-value services[1].port: should be less than or equal to 65535',
    'hive-value services[1].assets[0].asset_id: should have at least 1 character',
    'hive-value services[1].assets[0].context_size: should be greater than or equal to 1',
    'hive-value services[1].address: should be a name or an IP address, without a port and without brackets',
    "hive-value services[2].kind: should be 'chat', 'embeddings' or 'transcription'",
    'hive-value services[2].address: should have at least 1 character',
    'hive-value services[2].name: should be another name than that of service 0 of the list',
    'hive-missing assets[0].locator: is required',
  ]);
});

test('one name may be that of a service of each kind', () => {
  const one = (kind: string) => `  - {name: a, kind: ${kind}, port: 1}\n`;
  expect(said(`services:\n${one('chat')}${one('embeddings')}`)).toEqual([]);
});

test('a file that is no object, or deeper than any, is refused', () => {
  expect(said('5')).toEqual(['hive-value the document: should be a valid dictionary']);
  expect(said('services: 5')).toEqual(['hive-value services: should be a valid list']);
  const deep = `{"host": {"resources": ${'{"a": '.repeat(80)}1${'}'.repeat(80)}}}`;
  const result = readInventory(JSON.parse(deep));
  expect(result.ok ? [] : result.problems.map(({ msg }) => msg)).toEqual([
    'Input should have no more than 64 lists and objects within each other',
  ]);
});

test.each(['10.0.0.1', 'fd00::1', 'gpu-1.lab', 'localhost'])(
  '%s is where a host can be',
  (text) => {
    expect(isHostAddress(text)).toBe(true);
  },
);

test.each(['', 'a b', 'http://a', 'a/b', 'a:80', '[::1]', 'u@a', '300.1.1.1', 'fe80::1%eth0'])(
  '%j is no place where a host can be',
  (text) => {
    expect(isHostAddress(text)).toBe(false);
  },
);

const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);

test('what is valid becomes a host that the registry takes', () => {
  const service = fc.record(
    {
      name: word,
      kind: fc.constantFrom('chat', 'embeddings', 'transcription'),
      port: fc.integer({ min: 1, max: 65_535 }),
      scheme: fc.constantFrom('http', 'https'),
      address: fc.option(fc.constantFrom('10.0.0.7', 'fd00::7', 'guest')),
      path: fc.array(word, { maxLength: 2 }).map((parts) => parts.map((one) => `/${one}`).join('')),
      runtime: fc.constant({ engine: 'vllm', pid: 3 }),
    },
    { requiredKeys: ['name', 'kind', 'port'] },
  );
  const services = fc.uniqueArray(service, { selector: ({ name, kind }) => `${kind}/${name}` });
  fc.assert(
    fc.property(services, fc.constantFrom('10.0.0.1', 'fd00::1', 'host'), (list, address) => {
      const read = readInventory({ services: list });
      if (!read.ok) throw new Error(JSON.stringify(read.problems));
      const host = hostDocumentOf(read.value, { hostId: 'h1', address });
      const { services: taken, ...rest } = host;
      expect(readDocument('host', JSON.parse(JSON.stringify(host)))).toEqual({
        ok: true,
        value: { ...rest, services: taken },
      });
      for (const one of taken) expect(URL.canParse(one.endpoint)).toBe(true);
    }),
  );
});

test('what an inventory says of the host goes before what was found out', () => {
  const read = readInventory({
    host: { host_id: 'own', address: '10.9.9.9', display_name: 'Own' },
    services: [{ name: 'a', kind: 'chat', port: 1, runtime: { engine: 5, launcher: 'systemd' } }],
  });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  expect(hostDocumentOf(read.value, { hostId: 'h1', address: '10.0.0.1' })).toMatchObject({
    ...{ host_id: 'own', address: '10.9.9.9', display_name: 'Own' },
    services: [
      {
        ...{ service_id: 'own/chat/a', endpoint: 'http://10.9.9.9:1' },
        runtime: { engine: null, launcher: 'systemd' },
      },
    ],
  });
});
