import { expect, test } from 'vitest';
import { assumedAccount } from '../../../src/core/facts/accounts.ts';
import { userData, userDataKind } from '../../../src/core/kinds/runtime-vm/user-data.ts';
import { resolve } from '../../../src/core/resolve/resolve.ts';

const key = 'ssh-ed25519 AAAA me@example';

function dataFor(guest: object, own = ''): string {
  const desired = resolve(
    {
      schema_version: 2,
      global: { user: 'llm' },
      guest,
      runtimes: [{ index: 3, name: 'a' }],
    },
    assumedAccount('llm'),
    '',
  );
  const [runtime] = desired.runtimes;
  if (runtime === undefined) throw new Error('there is a runtime');
  return userData(desired, runtime, own);
}

test('without [guest] a guest gets its name alone', () => {
  expect(dataFor({})).toBe('#cloud-config\nhostname: "vllmd-3"\n');
});

test('a user may log in with the keys and become root; without one the keys are for the account of the image', () => {
  const text = dataFor({ user: 'ops', ssh_authorized_keys: [key], hostname_prefix: 'gpu-' });
  expect(text).toContain('hostname: "gpu-3"\n');
  expect(text).toContain(
    'users: [{"name":"ops","shell":"/bin/bash","sudo":"ALL=(ALL) NOPASSWD:ALL"',
  );
  expect(text).toContain(`"ssh_authorized_keys":["${key}"]`);
  expect(text).not.toContain('\nssh_authorized_keys');
  expect(dataFor({ ssh_authorized_keys: [key] })).toContain(`\nssh_authorized_keys: ["${key}"]\n`);
});

test('packages are installed after their lists are brought up to date', () => {
  expect(dataFor({ packages: ['curl', 'nvtop'] })).toMatch(
    /package_update: true\npackages: \["curl","nvtop"\]\n$/,
  );
});

test('a file of the operator is a second part behind ours, of the kind that its first line says', () => {
  const text = dataFor({}, '#!/bin/sh\necho hello\n');
  const boundary = /boundary="([^"]+)"/.exec(text)?.[1] ?? '';
  const parts = text.split(`--${boundary}`);
  expect(parts).toHaveLength(4);
  expect(parts[1]).toContain('Content-Type: text/cloud-config; charset="utf-8"\n\n#cloud-config\n');
  expect(parts[2]).toMatch(
    /^\nContent-Type: text\/x-shellscript; charset="utf-8"\nX-Merge-Type: .*\n\n#!\/bin\/sh\necho hello\n\n$/,
  );
  expect(parts[3]).toBe('--\n');
});

test('no text of the operator ends the part that it stands in', () => {
  const text = dataFor({}, '#!/bin/sh\n--==vllmd==--\n--===vllmd==\n');
  const boundary = /boundary="([^"]+)"/.exec(text)?.[1] ?? '';
  expect(text.split(`--${boundary}`)).toHaveLength(4);
});

test('text beyond ASCII is carried in a way that no mail parser changes', () => {
  const own = '#cloud-config\nmotd: "Grüße"\n';
  const text = dataFor({}, own);
  expect(text).toContain('Content-Transfer-Encoding: base64');
  const encoded = /base64\n\n([\s\S]*?)\n\n?--/.exec(text)?.[1] ?? '';
  expect(Buffer.from(encoded, 'base64').toString()).toBe(own);
});

test('what is MIME already keeps its own headers', () => {
  const own = 'Content-Type: multipart/mixed; boundary="x"\n\n--x--\n';
  expect(dataFor({}, own)).toContain(`==vllmd==\n${own}`);
});

test.for([
  ['#cloud-config\n', 'text/cloud-config'],
  ['#cloud-config-archive\n', 'text/cloud-config-archive'],
  ['#include-once\nhttp://x\n', 'text/x-include-once-url'],
  ['#include\nhttp://x\n', 'text/x-include-url'],
  ['#cloud-boothook\n', 'text/cloud-boothook'],
  ['## template: jinja\n#cloud-config\n', 'text/jinja2'],
  ['MIME-Version: 1.0\n', 'multipart/mixed'],
  ['# cloud-config\n', undefined],
  ['', undefined],
] as const)('cloud-init takes %j for %s', ([text, kind]) => {
  expect(userDataKind(text)).toBe(kind);
});
