import { expect, test } from 'vitest';
import { assumedAccount } from '../../../src/core/facts/accounts.ts';
import { noContext } from '../../../src/core/kinds/kind.ts';
import { canonicalUnit } from '../../../src/core/plan/canonical-unit.ts';
import { startDigests } from '../../../src/core/plan/digest.ts';
import { isOwnPath, parseManifest } from '../../../src/core/plan/manifest.ts';
import { absent, type Entry } from '../../../src/core/plan/observed.ts';
import { plan } from '../../../src/core/plan/plan.ts';
import type { FileArtefact } from '../../../src/core/render/artefact.ts';
import { render } from '../../../src/core/render/render.ts';
import { conflictsHuman, planHuman } from '../../../src/core/report/plan-human.ts';
import { planJson } from '../../../src/core/report/plan-json.ts';
import { describeReason } from '../../../src/core/report/reasons.ts';
import { plainStyle } from '../../../src/core/report/style.ts';
import { textDiff } from '../../../src/core/report/text-diff.ts';
import { hostLayer } from '../../../src/core/resolve/layer.ts';
import { resolve } from '../../../src/core/resolve/resolve.ts';

const desired = resolve(
  { global: { user: 'sdake' }, runtimes: [{ index: 1, name: 'one' }] },
  assumedAccount('sdake'),
  '',
);
const artefacts = render(desired, noContext);
const nothingElse = {
  dropIns: new Map(),
  booted: new Map(),
  shadowed: new Map(),
  doubtful: new Set<string>(),
};
const secret: FileArtefact = {
  type: 'file',
  path: '/etc/vllmd/secret.env',
  kind: 'env',
  group: 1,
  source: '',
  text: 'API_KEY=new-secret\nSAME=1\nplain words\n',
  mode: 0o600,
  owner: { uid: 0, gid: 0, user: 'root', group: 'root' },
  sensitive: true,
};

function planOver(entries: ReadonlyMap<string, Entry>, list = artefacts) {
  const observed = { entries, units: new Map(), listings: new Map(), ...nothingElse };
  return plan({ artefacts: list, runtimes: desired.runtimes, observed, manifest: 'none' });
}

test.for(['create', 'update', 'conflict'] as const)(
  'no value of a sensitive file appears in any report of a %s',
  (how) => {
    const before: Entry = {
      type: 'file',
      text: 'API_KEY=old-secret\nSAME=1\nother words\n',
      mode: 0o600,
      uid: 0,
      gid: 0,
    };
    const entries = new Map<string, Entry>(how === 'create' ? [] : [[secret.path, before]]);
    const observed = { entries, units: new Map(), listings: new Map(), ...nothingElse };
    const manifest = how === 'update' ? 'unknown' : 'none';
    const value = plan({ artefacts: [secret], runtimes: desired.runtimes, observed, manifest });
    const text =
      planHuman(value, plainStyle) +
      conflictsHuman(value.conflicts, plainStyle) +
      JSON.stringify(planJson(value, { diagnostics: [], errored: false }));
    expect(text).toContain('API_KEY=(sensitive, changed)');
    expect(text).toContain('(sensitive, changed)');
    expect(text).not.toMatch(/secret\\?n|-secret|words/);
  },
);

test.for([
  ['directory', { type: 'directory', mode: 0o755, uid: 0, gid: 0 }],
  ['symbolic link to /etc/shadow', { type: 'link', target: '/etc/shadow', trusted: false }],
  ['socket', { type: 'other', what: 'socket' }],
] as const)('a %s where a file belongs is a conflict', ([what, entry]) => {
  const value = planOver(new Map([['/etc/vllmd/runtime-1.env', entry]]));
  expect(value.conflicts).toMatchObject([
    { kind: 'foreign', path: '/etc/vllmd/runtime-1.env', detail: `there is a ${what}` },
  ]);
});

test('a file or link of others where a link or directory belongs is a conflict', () => {
  const mine: Entry = { type: 'file', text: '', mode: 0o644, uid: 0, gid: 0 };
  const link = '/etc/systemd/system/vllmd.target.wants/vllmd-runtime@1.service';
  expect(planOver(new Map([[link, mine]])).conflicts).toMatchObject([{ path: link }]);
  const elsewhere: Entry = { type: 'link', target: '/dev/null', trusted: true };
  expect(planOver(new Map([[link, elsewhere]])).conflicts).toMatchObject([
    { detail: 'it points to /dev/null' },
  ]);
  expect(planOver(new Map([['/etc/vllmd', mine]])).conflicts).toMatchObject([
    { detail: 'there is a file where a directory must be' },
  ]);
});

test('a directory may be reached through a link that can be trusted, and not through another', () => {
  const link = (trusted: boolean): Entry => ({ type: 'link', target: '/data', trusted });
  expect(planOver(new Map([['/home', link(true)]])).conflicts).toEqual([]);
  expect(planOver(new Map([['/home', link(false)]])).conflicts).toMatchObject([
    { kind: 'unsafe', path: '/home' },
  ]);
});

test('what only root may see is told as unknown and not guessed', () => {
  const value = planOver(new Map([['/etc/vllmd/network.env', { type: 'hidden' }]]));
  expect(value.notices).toContainEqual({
    path: '/etc/vllmd/network.env',
    text: 'unknown (needs root)',
  });
  expect(value.changes.map((change) => change.path)).not.toContain('/etc/vllmd/network.env');
});

test('comments, descriptions and the order of different keys do not make a unit another', () => {
  const one = '# a\n[Unit]\nDescription=a\nAfter=x\nAfter=y\n[Service]\nA=1\nB=2\n[Install]\nX=1\n';
  const two = '[Service]\nB=2\nA=1\n; c\n[Unit]\nAfter=x\nAfter=y\nDescription=b\nX-Owner=me\n';
  expect(canonicalUnit(one)).toBe(canonicalUnit(two));
  expect(canonicalUnit('[Unit]\nAfter=x\nAfter=y\n')).not.toBe(
    canonicalUnit('[Unit]\nAfter=y\nAfter=x\n'),
  );
});

test('a change of cloud-init sources asks for no restart', () => {
  const changed = artefacts.map((artefact) =>
    artefact.type === 'file' && artefact.kind === 'cloud-init'
      ? { ...artefact, text: 'other' }
      : artefact,
  );
  expect(startDigests(changed)).toEqual(startDigests(artefacts));
  expect(startDigests([])).toEqual([]);
  expect(startDigests(artefacts.toReversed())).toEqual(startDigests(artefacts));
});

const manifest = {
  schema: 1,
  lineage: 'x',
  generation: 1,
  vllmd: '1',
  config: { path: '/c', sha256: '' },
  files: [
    {
      path: '/etc/vllmd/network.env',
      mode: '0644',
      uid: 0,
      gid: 0,
      sha256: '',
      kind: 'env',
      group: 'shared',
      secret: false,
    },
  ],
  links: [],
  units: [{ name: 'vllmd.target', group: 'shared', startDigest: '' }],
  dirs: ['/etc/vllmd'],
};

test('a record that is whole is read, and every damage is named', () => {
  expect(parseManifest(JSON.stringify(manifest))).toEqual(manifest);
  const damaged: readonly (readonly [unknown, RegExp])[] = [
    [[], /not a JSON object/],
    [{ ...manifest, schema: 2 }, /has schema 2/],
    [{ ...manifest, schema: '1' }, /lacks entries/],
    [{ ...manifest, config: null }, /lacks entries/],
    [{ ...manifest, files: [{ path: 1 }] }, /lacks entries/],
    [{ ...manifest, units: [{ name: 'a', startDigest: '', group: 'b' }] }, /lacks entries/],
    [{ ...manifest, dirs: ['relative'] }, /lacks entries/],
    [{ ...manifest, files: [{ ...manifest.files[0], path: '/etc/passwd' }] }, /\/etc\/passwd/],
    [{ ...manifest, files: [{ ...manifest.files[0], backup: '/etc/shadow' }] }, /\/etc\/shadow/],
    [
      {
        ...manifest,
        files: [
          { ...manifest.files[0], backup: '/var/lib/vllmd/install/backups/../../../../etc/shadow' },
        ],
      },
      /names a backup/,
    ],
    [{ ...manifest, runtimes: [{ index: 1, gpus: ['x'] }] }, /lacks entries/],
    [{ ...manifest, runtimes: {} }, /lacks entries/],
  ];
  for (const [value, expected] of damaged) {
    expect(parseManifest(JSON.stringify(value))).toMatch(expected);
  }
  expect(parseManifest('{')).toBe('is not JSON');
  const backup = '/var/lib/vllmd/install/backups/3/etc/vllmd/network.env';
  const runtimes = [{ index: 1, gpus: ['0000:01:00.0'], autostart: true, restart: 'manual' }];
  const full = { ...manifest, files: [{ ...manifest.files[0], backup }], runtimes };
  expect(parseManifest(JSON.stringify(full))).toEqual(full);
});

test('every path that is rendered is one that a record may name, and no other file of a host is', () => {
  for (const { path, type } of artefacts) {
    if (type !== 'directory')
      expect({ path, own: isOwnPath(path, hostLayer) }).toEqual({ path, own: true });
  }
  for (const path of [
    '/etc/passwd',
    '/etc/systemd/system/sshd.service',
    '/etc/systemd/system/multi-user.target.wants/ssh.service',
    '/etc/vllmd/../passwd',
    '/etc/vllmd//passwd',
    '/home/sdake/.ssh/authorized_keys',
    'etc/vllmd/x',
  ]) {
    expect({ path, own: isOwnPath(path, hostLayer) }).toEqual({ path, own: false });
  }
});

test('a diff shows where a file has no newline at its end and makes control characters visible', () => {
  const diff = textDiff({ path: '/x', before: undefined, after: 'a\u001b[31m', sensitive: false });
  expect(diff).toEqual([
    '--- /dev/null',
    '+++ /x',
    '@@ -0,0 +1,1 @@',
    '+a\\u{1b}[31m',
    '\\ No newline at end of file',
  ]);
  expect(textDiff({ path: '/x', before: undefined, after: '', sensitive: false })).toHaveLength(2);
});

test.for([
  ['env-changed: A, B', 'A, B changed in its environment file'],
  ['file-changed: /x', '/x changed'],
  ['changed-since-start: u', 'its definition has changed since it was started'],
  ['device-moved-to: 2', 'it gives a GPU to runtime 2'],
  ['device-removed: 0000:01:00.0', 'it gives up GPU 0000:01:00.0'],
  ['runtime-added', 'it is new in the config'],
  ['something-else', 'something-else'],
] as const)('the reason %s is told as a sentence', ([reason, text]) => {
  expect(describeReason(reason)).toBe(text);
});

test('a link that leads elsewhere by now is left to its owner when its runtime goes', () => {
  const link = '/etc/systemd/system/vllmd.target.wants/vllmd-runtime@9.service';
  const old = {
    path: link,
    target: '../vllmd-runtime@.service',
    unit: 'vllmd-runtime@9.service',
    group: 9,
  };
  const known = parseManifest(JSON.stringify({ ...manifest, files: [], links: [old] }));
  if (typeof known === 'string') throw new Error(known);
  const mine: Entry = { type: 'link', target: '/own', trusted: true };
  const observed = {
    entries: new Map([[link, mine]]),
    units: new Map(),
    listings: new Map(),
    ...nothingElse,
  };
  const value = plan({ artefacts: [], runtimes: [], observed, manifest: known });
  expect(value.changes).toEqual([]);
  expect(absent.type).toBe('absent');
});
