import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { sha256 } from '../../src/core/plan/digest.ts';
import { UNIT_PATH } from '../../src/core/plan/drop-ins.ts';
import { FakeHost } from './script.ts';

const TEMPLATE = '/etc/systemd/system/vllmd-runtime@.service';
const OWN = '/etc/systemd/system/vllmd-runtime@1.service.d/10-vllmd.conf';
const ENV = '/etc/vllmd/runtime-1.env';
const DEFINITION = '/srv/vllmd/runtime-1.vm.json';
const BOOTED = '/run/vllmd/1/booted';
const VENDOR_DATA = '/srv/vllmd/runtime-1/cloud-init/vendor-data';
/** An account that is nobody's. */
const STRANGER = ['setpriv', '--reuid=12345', '--regid=12345', '--clear-groups'];
const isRoot = process.getuid?.() === 0;

/** A host with what every runtime has. */
function installed(): FakeHost {
  const host = new FakeHost();
  host.file(TEMPLATE, '[Unit]');
  host.file(OWN, '[Service]\nUser=sdake');
  host.file(ENV, 'VLLMD_RUNTIME_NAME="one"');
  host.file(DEFINITION, '{}');
  host.directory('/run/vllmd/1');
  return host;
}

function booted(host: FakeHost, prefix: readonly string[] = []) {
  const env = {
    VLLMD_RUNTIME_VM_DEFINITION: host.path(DEFINITION),
    VLLMD_RUNTIME_DIR: host.path(dirname(dirname(VENDOR_DATA))),
  };
  return host.run('booted', ['1'], env, prefix);
}

/** Read as its format says, so that a byte too much or too little shows. */
function texts(host: FakeHost): readonly (readonly [string, string])[] {
  const bytes = readFileSync(host.path(BOOTED));
  const found: (readonly [string, string])[] = [];
  const lineAt = (from: number) => bytes.subarray(from, bytes.indexOf('\n', from)).toString();
  expect(lineAt(0)).toBe('vllmd-booted 1');
  let at = 'vllmd-booted 1\n'.length;
  while (at < bytes.length) {
    const header = lineAt(at);
    const [, length = '', path = ''] = /^== (\d+) (.*)$/.exec(header) ?? [];
    const start = at + Buffer.byteLength(header) + 1;
    const end = start + Number(length);
    found.push([path.replace(host.root, ''), bytes.subarray(start, end).toString()]);
    expect(bytes[end]).toBe(0x0a);
    at = end + 1;
  }
  return found;
}

test('notes the template, the drop-in, the environment and the definition of a VM', async () => {
  using host = installed();
  expect(await booted(host)).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(texts(host)).toEqual([
    [TEMPLATE, '[Unit]\n'],
    [OWN, '[Service]\nUser=sdake\n'],
    [ENV, 'VLLMD_RUNTIME_NAME="one"\n'],
    [DEFINITION, '{}\n'],
  ]);
  expect(readdirSync(host.path('/run/vllmd/1'))).toEqual(['booted']);
});

test('notes the digest of what a guest reads at every boot, and not the text, which can hold secrets', async () => {
  using host = installed();
  host.file(VENDOR_DATA, '#cloud-boothook');
  expect(await booted(host)).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(texts(host).at(-1)).toEqual([VENDOR_DATA, sha256('#cloud-boothook\n')]);
});

test('notes every drop-in that systemd reads for the instance, and none of another', async () => {
  using host = installed();
  const read = [
    '/etc/systemd/system/service.d/all.conf',
    '/etc/systemd/system/vllmd-.service.d/prefix.conf',
    '/etc/systemd/system/vllmd-runtime@.service.d/template.conf',
    '/etc/systemd/system/vllmd-runtime@1.service.d/50 of mine.conf',
    '/run/systemd/system/vllmd-runtime@1.service.d/run.conf',
    '/usr/local/lib/systemd/system/vllmd-.service.d/local.conf',
    '/usr/lib/systemd/system/service.d/vendor.conf',
  ];
  for (const path of read) host.file(path, path);
  const others = [
    '/etc/systemd/system/vllmd-runtime@2.service.d/other.conf',
    '/etc/systemd/system/vllmd-runtime-.service.d/not-read.conf',
    '/etc/systemd/system/vllmd-runtime@1.service.d/10-vllmd.conf.bak',
    '/etc/systemd/system/vllmd-runtime@1.service.d/.hidden.conf',
    '/run/systemd/system/vllmd-runtime@1.service.d/20-vllmd-devices.conf',
  ];
  for (const path of others) host.file(path, 'no');
  expect((await booted(host)).code).toBe(0);
  const found = texts(host);
  expect(found.map(([path]) => path).toSorted()).toEqual(
    [TEMPLATE, OWN, ENV, DEFINITION, ...read].toSorted(),
  );
  for (const path of read)
    expect(found).toContainEqual([path, `${host.path(path)}\n`.replace(host.root, '')]);
});

test('looks wherever vllmd itself looks for drop-ins', async () => {
  using host = installed();
  const paths = UNIT_PATH.map((base, at) => `${base}/vllmd-runtime@1.service.d/50-${at}.conf`);
  for (const path of paths) host.file(path, 'x');
  expect((await booted(host)).code).toBe(0);
  const noted = texts(host).map(([path]) => path);
  expect(noted.filter((path) => path.includes('/50-'))).toEqual(paths);
});

test('keeps bytes as they are: no line end, empty, beyond ASCII, with a line like its own', async () => {
  using host = installed();
  const directory = dirname(OWN);
  const bytes: Readonly<Record<string, string>> = {
    'a.conf': '[Service]\nNice=1',
    'b.conf': '',
    'c.conf': '# größer als ∞\n\n\n',
    'd.conf': '== 3 /etc/passwd\nabc\n',
  };
  for (const [name, text] of Object.entries(bytes)) {
    writeFileSync(host.path(`${directory}/${name}`), text);
  }
  host.realLink(`${directory}/e.conf`, '/dev/null');
  expect(await booted(host)).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(texts(host)).toEqual(
    expect.arrayContaining([
      ...Object.entries(bytes).map(([name, text]) => [`${directory}/${name}`, text]),
      [`${directory}/e.conf`, ''],
    ]),
  );
});

test.for([
  [
    'a drop-in is a link to nothing',
    (host: FakeHost) => host.realLink(`${dirname(OWN)}/x.conf`, '/none'),
  ],
  ['a drop-in is a pipe', (host: FakeHost) => host.pipe(`${dirname(OWN)}/x.conf`)],
  ['a drop-in is a directory', (host: FakeHost) => host.directory(`${dirname(OWN)}/x.conf`)],
  ['the definition is gone', (host: FakeHost) => host.remove(DEFINITION)],
] as const)('leaves no note, rather than a wrong one, and says so, where %s', async ([, spoil]) => {
  using host = installed();
  host.file(BOOTED, 'of the start before');
  spoil(host);
  const { code, stderr } = await booted(host);
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^vllmd: vllmd-runtime@1\.service: \/\S+ is no file that \S+ can read: chmod o\+r '/,
  );
  expect(readdirSync(host.path('/run/vllmd/1'))).toEqual([]);
});

test.skipIf(!isRoot).for([
  [
    'a drop-in',
    `${dirname(OWN)}/secret.conf`,
    /secret\.conf is no file that 12345 can read: chmod o\+r '/,
  ],
  [
    'a directory',
    '/etc/systemd/system/service.d/x.conf',
    /12345 cannot look into \S+service\.d: chmod o\+rx '/,
  ],
] as const)(
  'leaves no note where the account of the VM may not read %s',
  async ([what, path, expected]) => {
    using host = installed();
    host.file(path, 'x');
    chmodSync(host.path(what === 'a directory' ? dirname(path) : path), 0o600);
    execFileSync('chown', ['12345', host.path('/run/vllmd/1')]);
    const { code, stderr } = await booted(host, STRANGER);
    expect(code).toBe(1);
    expect(stderr).toMatch(expected);
    expect(readdirSync(host.path('/run/vllmd/1'))).toEqual([]);
  },
);

test.skipIf(!isRoot)(
  'writes a note as the account of the VM, and no other may read it',
  async () => {
    using host = installed();
    execFileSync('chown', ['12345', host.path('/run/vllmd/1')]);
    expect(
      await booted(host, [...STRANGER, 'sh', '-c', 'umask 077; exec "$@"', 'sh']),
    ).toMatchObject({ code: 0, stderr: '' });
    const { uid, mode } = statSync(host.path(BOOTED));
    expect([uid, mode & 0o777]).toEqual([12345, 0o600]);
  },
);
