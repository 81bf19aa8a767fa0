import { expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import type { ConfigFile } from '../../src/host/config-file.ts';
import { describedHost, testWorld } from '../support/world.ts';

const host = 'host:\n  host_id: h\n  address: a\n';
const control = 'auth:\n  client_api_keys: [s3cret, "s3cret s3cret"]\n';

const files: Readonly<Record<string, string>> = {
  '/host.yaml': host,
  '/control.yaml': control,
  '/warned.json': '{"host_id": "h", "address": "a", "adress": 1}',
  '/empty.yaml': '{}',
  '/dev/stdin': 'roles: []\n',
};

async function validate(...argv: readonly string[]) {
  const world = testWorld(describedHost(), {
    readConfigFile: (path): ConfigFile => {
      const text = files[path];
      if (path === '/locked.yaml') return { kind: 'unreadable', why: 'is a directory' };
      if (text === undefined) return { kind: 'absent' };
      return { kind: 'bytes', bytes: Buffer.from(text), permissions: 0o600 };
    },
  });
  const code = await run(['hive', 'validate', ...argv], world);
  return { code, out: world.out(), err: world.err() };
}

test('each file that is valid is told with what it is', async () => {
  expect(await validate('/host.yaml', '-', '/warned.json')).toMatchObject({
    code: 0,
    out: '/host.yaml: valid, host\n/dev/stdin: valid, roles\n/warned.json: valid, host, 1 warning\n',
    err: expect.stringContaining('= help: did you mean address?'),
  });
});

test('what is wrong is shown with its place, and no key with it', async () => {
  const { code, out, err } = await validate('/control.yaml', '/host.yaml');
  expect({ code, out }).toEqual({ code: 3, out: '/host.yaml: valid, host\n' });
  expect(err).toContain(`error[hive-value]: auth.client_api_keys[1]: should be a key of ASCII`);
  expect(err).toContain('--> /control.yaml:2:29');
  expect(err).toContain('client_api_keys: [••••••, •••••••••••••••]');
  expect(err).not.toContain('s3cret');
});

test('programs get one answer about all files', async () => {
  const bad = JSON.parse((await validate('--json', '/control.yaml', '/warned.json')).out);
  expect(bad).toMatchObject({
    ok: false,
    diagnostics: [
      { rule: 'hive-value', file: '/control.yaml', line: 2, column: 29 },
      { rule: 'hive-ignored-key', file: '/warned.json', line: 1, column: 34 },
    ],
  });
  expect(JSON.parse((await validate('--json', '/host.yaml')).out)).toMatchObject({
    ...{ ok: true, diagnostics: [] },
  });
});

test('a document that does not say what it is has to be told by --type', async () => {
  expect(await validate('/empty.yaml')).toMatchObject({
    code: 3,
    err: expect.stringContaining('error[hive-document]: nobody can tell what this document is'),
  });
  expect(await validate('--type', 'benchmark_ingest_request', '/empty.yaml')).toMatchObject({
    code: 0,
    out: '/empty.yaml: valid, benchmark ingest request\n',
  });
  expect((await validate('--type', 'thing', '/empty.yaml')).code).toBe(64);
});

test('a file that is not there, or that cannot be read, ends the command', async () => {
  expect(await validate('/host.yaml', '/none.yaml')).toMatchObject({
    code: 66,
    err: expect.stringContaining('the file /none.yaml does not exist'),
  });
  expect((await validate('/locked.yaml')).code).toBe(66);
  expect((await validate()).code).toBe(64);
});
