import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import type { Entry } from '../../src/core/plan/observed.ts';
import { readConfigFile } from '../../src/host/config-file.ts';
import type { Host } from '../../src/host/host.ts';
import { createLocalHost } from '../../src/host/local-host.ts';
import { createMemoryHost } from '../../src/host/memory-host.ts';
import { testWorld } from '../support/world.ts';

const OLD = `# mine

[global]
user = "sdake" # the account

[guest]
ssh_authorized_keys = [] # none
`;
const NEW = OLD.replace('[global]', 'schema_version = 2\n\n[global]');

const uid = process.geteuid?.() ?? 0;
let directory = '';
beforeEach(() => {
  directory = mkdtempSync(`${tmpdir()}/vllmd-migrate-`);
});
afterEach(() => rmSync(directory, { recursive: true }));

/** This machine, seen from a temporary directory. */
function worldOf() {
  const host = (root: string) => createLocalHost({ root, uid, setsOwner: uid === 0 });
  return testWorld(host(''), { cwd: directory, uid, readConfigFile, host, treeHost: host });
}

function file(text: string | Uint8Array, name = 'c.toml'): string {
  writeFileSync(`${directory}/${name}`, text);
  return `${directory}/${name}`;
}

test('rewrites the file, shows the difference and keeps the mode', async () => {
  const path = file(OLD);
  chmodSync(path, 0o640);
  const world = worldOf();
  expect(await run(['migrate', 'c.toml'], world)).toBe(0);
  expect(world.err()).toBe('');
  expect(world.out()).toBe(`--- c.toml
+++ c.toml
@@ -1,5 +1,7 @@
 # mine
 
+schema_version = 2
+
 [global]
 user = "sdake" # the account
 

c.toml: is schema version 2 now, was 1
`);
  expect(readFileSync(path, 'utf8')).toBe(NEW);
  expect(statSync(path).mode & 0o7777).toBe(0o640);
  expect(readdirSync(directory)).toEqual(['c.toml']);
});

test('a dry run shows the same and writes nothing', async () => {
  const path = file(OLD);
  const world = worldOf();
  expect(await run(['migrate', '--dry-run', 'c.toml'], world)).toBe(0);
  expect(world.out()).toContain('+schema_version = 2\n');
  expect(world.out()).toContain('\nc.toml: would be schema version 2, is 1\n');
  expect(readFileSync(path, 'utf8')).toBe(OLD);
});

test.for([[], ['--dry-run']])('says that there is nothing to do with %j', async (options) => {
  const path = file(NEW);
  const { ino } = statSync(path);
  const world = worldOf();
  expect(await run(['migrate', 'c.toml', ...options], world)).toBe(0);
  expect(world.out()).toBe('c.toml: is schema version 2 already, nothing to do\n');
  expect(statSync(path).ino).toBe(ino);
});

test('tells programs the same as JSON', async () => {
  file(OLD);
  const before = worldOf();
  expect(await run(['migrate', 'c.toml', '--json'], before)).toBe(0);
  expect(JSON.parse(before.out())).toMatchObject({
    format_version: '1.0',
    ok: true,
    file: 'c.toml',
    from: 1,
    to: 2,
    changed: true,
    written: true,
    diff: expect.arrayContaining(['+schema_version = 2']),
  });
  const after = worldOf();
  expect(await run(['migrate', 'c.toml', '--json'], after)).toBe(0);
  expect(JSON.parse(after.out())).toMatchObject({
    from: 2,
    changed: false,
    written: false,
    diff: [],
  });
});

test('keeps a byte order mark and the line ends of Windows, and shows neither', async () => {
  const path = file(`\u{feff}${OLD.replaceAll('\n', '\r\n')}`);
  const world = worldOf();
  expect(await run(['migrate', 'c.toml'], world)).toBe(0);
  expect(readFileSync(path, 'utf8')).toBe(`\u{feff}${NEW.replaceAll('\n', '\r\n')}`);
  expect(world.out()).not.toMatch(/\r|\\r|feff/);
});

test('shows nothing of a sensitive value beside the change', async () => {
  file('schema_version = 1\n[guest]\nuser_data = "/srv/hunter2"\n[global]\nuser = "a"\n');
  const world = worldOf();
  expect(await run(['migrate', 'c.toml'], world)).toBe(0);
  expect(world.out()).toContain(' user_data = "••••');
  expect(world.out()).not.toContain('hunter2');
});

test.for([
  ['[global]\n', 'error[missing-key]: global.user: is required\n --> c.toml:1:2'],
  ['[global]\nuser = 7\n', 'error[wrong-type]: global.user: must be a string, got 7'],
  ['schema_version = 9\n', 'error[schema-version]: schema_version: 9 is newer than version 2'],
  ['[global\n', 'error[toml-syntax]'],
  ['\u0000', 'error[config-not-text]'],
  ['[guest]\nuser_data = 12345\n[global]\nuser = "a"\n', 'user_data = •••••\n'],
] as const)('refuses %j with its problems, and writes nothing', async ([text, shown]) => {
  const path = file(text);
  const world = worldOf();
  expect(await run(['migrate', 'c.toml'], world)).toBe(3);
  expect(world.err()).toContain(shown);
  expect(world.out()).toBe('');
  expect(readFileSync(path, 'utf8')).toBe(text);
  const json = worldOf();
  expect(await run(['migrate', 'c.toml', '--json'], json)).toBe(3);
  expect(JSON.parse(json.out())).toMatchObject({ ok: false });
});

test('refuses a symbolic link and names where it leads', async () => {
  mkdirSync(`${directory}/real`);
  file(OLD, 'real/c.toml');
  symlinkSync('real/c.toml', `${directory}/link.toml`);
  for (const options of [[], ['--dry-run']]) {
    const world = worldOf();
    expect(await run(['migrate', 'link.toml', ...options], world)).toBe(5);
    expect(world.err()).toContain('link.toml is a symbolic link to real/c.toml');
    expect(world.out()).toBe('');
  }
  expect(readFileSync(`${directory}/real/c.toml`, 'utf8')).toBe(OLD);
});

test('says which file there is not', async () => {
  const world = worldOf();
  expect(await run(['migrate', 'none.toml'], world)).toBe(66);
  expect(world.err()).toContain('none.toml');
});

/** A world whose file is OLD, and whose machine says something of its own about it. */
function strangeWorld(entry: Entry, caller = 0, host: Partial<Host> = {}) {
  const machine = { ...createMemoryHost(), read: async () => entry, ...host };
  return testWorld(machine, {
    uid: caller,
    readConfigFile: () => ({ kind: 'bytes', bytes: new TextEncoder().encode(OLD) }),
  });
}

const plain = { type: 'file', mode: 0o600, uid: 7, gid: 8, text: OLD } as const;

test.for([
  [{ type: 'absent' }, 5, 'cannot rewrite c.toml: it is no file any more'],
  [{ type: 'hidden' }, 5, 'cannot rewrite c.toml: it is no file any more'],
  [{ type: 'other', what: 'device, socket or pipe' }, 5, 'it is a device, socket or pipe'],
  [{ type: 'unsafe', link: '/tmp/x' }, 5, 'leads through /tmp/x, a link that others can change'],
  [{ ...plain, text: 'x' }, 5, 'c.toml was changed meanwhile'],
] as const)('refuses a place that is not a plain file: %j', async ([entry, code, message]) => {
  const world = strangeWorld(entry);
  expect(await run(['migrate', 'c.toml'], world)).toBe(code);
  expect(world.err()).toContain(message);
  expect(world.out()).toBe('');
});

test('refuses the file of another account, which would change hands', async () => {
  const world = strangeWorld(plain, 1000);
  expect(await run(['migrate', 'c.toml'], world)).toBe(77);
  expect(world.err()).toContain('cannot rewrite c.toml: it belongs to another account');
});

test('keeps mode and owner of what it replaces', async () => {
  const written: unknown[] = [];
  const write: Host['write'] = async (...call) => void written.push(call);
  expect(await run(['migrate', 'c.toml'], strangeWorld(plain, 0, { write }))).toBe(0);
  expect(written).toEqual([['/c.toml', NEW, { mode: 0o600, uid: 7, gid: 8 }]]);
});

test.for([
  ['EACCES', 77, 'cannot write c.toml: permission denied'],
  ['EPERM', 77, 'cannot write c.toml: permission denied'],
  ['EROFS', 1, 'cannot write c.toml: read-only'],
] as const)('explains %s', async ([code, exit, message]) => {
  const write = async () => {
    throw Object.assign(new Error(`${code}: read-only`), { code });
  };
  const world = strangeWorld(plain, 0, { write });
  expect(await run(['migrate', 'c.toml'], world)).toBe(exit);
  expect(world.err()).toContain(message);
  expect(world.err()).not.toContain('    at ');
  expect(world.out()).toBe('');
});

test('does not take a bug for a failure of the disk', async () => {
  const write = async () => {
    throw new Error('a bug');
  };
  const world = strangeWorld(plain, 0, { write });
  expect(await run(['migrate', 'c.toml'], world)).toBe(1);
  expect(world.err()).toContain('this is a bug in vllmd');
});

test('schema prints the version that is asked for', async () => {
  const first = worldOf();
  expect(await run(['schema', '--schema-version', '1'], first)).toBe(0);
  expect(JSON.parse(first.out())).toMatchObject({ $id: 'urn:vllmd:hypervisor-config:1' });
  const [newest, named] = [worldOf(), worldOf()];
  expect(await run(['schema'], newest)).toBe(0);
  expect(await run(['schema', '--schema-version', '2'], named)).toBe(0);
  expect(named.out()).toBe(newest.out());
});

test.for(['3', '0', 'x', '1.0'])('schema knows no version %s', async (version) => {
  const world = worldOf();
  expect(await run(['schema', '--schema-version', version], world)).toBe(64);
  expect(world.err()).toContain(
    `--schema-version ${version}: there is no such version of the config`,
  );
  expect(world.err()).toContain('known are 1 and 2');
});
