import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Change } from '../../../src/core/plan/change.ts';
import { type Choices, checkChoices, noChoices } from '../../../src/core/plan/choices.ts';
import { sha256 } from '../../../src/core/plan/digest.ts';
import { drifted } from '../../../src/core/plan/drift.ts';
import type { Manifest, ManifestFile } from '../../../src/core/plan/manifest.ts';
import { absent, type Entry } from '../../../src/core/plan/observed.ts';
import { type Plan, plan } from '../../../src/core/plan/plan.ts';
import type { Artefact, FileArtefact, LinkArtefact } from '../../../src/core/render/artefact.ts';
import { conflictsHuman, planHuman } from '../../../src/core/report/plan-human.ts';
import { planJson } from '../../../src/core/report/plan-json.ts';
import { plainStyle } from '../../../src/core/report/style.ts';
import { readmeTells, tally } from '../../support/tally.ts';
import { artefact, fileAt, linkTo, manifestOf, observed, PATH, recordOf } from './states.ts';

type State = {
  readonly last?: FileArtefact;
  readonly record?: Partial<ManifestFile>;
  readonly desired?: FileArtefact;
  readonly actual: Entry;
  readonly choices?: Partial<Choices>;
};

function planOf({ last, record, desired, actual, choices }: State): Plan {
  const files = last === undefined ? [] : [recordOf(last, record)];
  const manifest: Manifest | 'none' = last === undefined ? 'none' : manifestOf([], { files });
  return plan({
    artefacts: desired === undefined ? [] : [desired],
    runtimes: [],
    observed: observed([[PATH, actual]]),
    manifest,
    choices: { ...noChoices, ...choices },
    lastTexts: (sha) => (last !== undefined && sha === sha256(last.text) ? last.text : undefined),
  });
}

const told = ({ changes, conflicts, notices }: Plan) => ({
  changes: changes.map(({ verb, reason }) => `${verb} ${reason}`),
  conflicts: conflicts.map(({ kind }) => kind),
  notices: notices.map(({ text }) => text),
});
const nothing = { changes: [], conflicts: [], notices: [] };
const one = artefact('ONE=1\n');
const two = artefact('ONE=2\n');
const mine = fileAt('ONE=mine\n');

test('what is on neither side is created', () => {
  expect(told(planOf({ desired: one, actual: absent }))).toEqual({
    ...nothing,
    changes: ['create new-file'],
  });
});

test('a file that has the wanted bytes already is recorded and not touched', () => {
  const value = planOf({ desired: one, actual: fileAt(one.text) });
  expect(told(value)).toEqual(nothing);
  expect(value.owned.files).toEqual([recordOf(one)]);
});

test('a file of somebody else is refused, and --adopt keeps it for the removal', () => {
  expect(told(planOf({ desired: one, actual: mine })).conflicts).toEqual(['foreign']);
  const adopted = planOf({ desired: one, actual: mine, choices: { adopt: [PATH] } });
  expect(adopted.conflicts).toEqual([]);
  expect(adopted.changes).toMatchObject([{ verb: 'update', reason: 'adopted', keepsBackup: true }]);
  const backup = `/var/lib/vllmd/install/backups/1${PATH}`;
  expect(adopted.owned.files).toEqual([recordOf(one, { backup })]);
  expect(planHuman(adopted, plainStyle)).toContain('a copy of it is kept');
});

test('a link of somebody else is adopted as a file is', () => {
  const actual = linkTo('/srv/own.env');
  expect(told(planOf({ desired: one, actual })).conflicts).toEqual(['foreign']);
  const adopted = planOf({ desired: one, actual, choices: { adopt: [PATH] } });
  expect(adopted.changes).toMatchObject([{ before: actual, keepsBackup: true }]);
});

test('what was adopted stays on record while vllmd is there, and comes back when it goes', () => {
  const backup = `/var/lib/vllmd/install/backups/1${PATH}`;
  const state = { last: one, record: { backup }, actual: fileAt(one.text) };
  expect(planOf({ ...state, desired: two }).owned.files).toEqual([recordOf(two, { backup })]);
  const gone = planOf(state);
  expect(gone.changes).toMatchObject([
    { verb: 'delete', reason: 'restores-adopted', restores: backup },
  ]);
  expect(JSON.stringify(planJson(gone, { diagnostics: [], errored: false }))).toContain(
    `"restores":"${backup}"`,
  );
  expect(planHuman(gone, plainStyle)).toContain(`then put back ${backup}`);
  expect(told(planOf({ ...state, actual: absent })).notices[0]).toContain(backup);
});

test('a file that is as wanted and as written is not touched', () => {
  expect(told(planOf({ last: one, desired: one, actual: fileAt(one.text) }))).toEqual(nothing);
});

test('a file that is as it was written is brought up to date', () => {
  expect(told(planOf({ last: one, desired: two, actual: fileAt(one.text) }))).toEqual({
    ...nothing,
    changes: ['update env-changed: ONE'],
  });
});

test('an edit that is what the config wants by now is recorded without a word', () => {
  const value = planOf({ last: one, desired: two, actual: fileAt(two.text) });
  expect(told(value)).toEqual(nothing);
  expect(value.owned.files).toEqual([recordOf(two)]);
});

test('an edit is refused with both differences: what was changed, and what an install would do', () => {
  const value = planOf({ last: one, desired: two, actual: mine });
  expect(value.changes).toEqual([]);
  const text = conflictsHuman(value.conflicts, plainStyle);
  expect(text).toMatch(/What you changed:.*-ONE=1\n\+ONE=mine.*What install would do:.*\+ONE=2/s);
  expect(text).toContain(`--overwrite-drift ${PATH}`);
  const [drift] = Object(planJson(value, { diagnostics: [], errored: false })).drift;
  expect(drift).toMatchObject({ kind: 'drifted', last_sha: sha256(one.text) });
  expect(drift.your_diff).toContain('+ONE=mine');
});

test('--overwrite-drift replaces an edit and keeps a copy of it', () => {
  const value = planOf({
    last: one,
    desired: one,
    actual: mine,
    choices: { overwriteDrift: [PATH] },
  });
  expect(value.conflicts).toEqual([]);
  expect(value.changes).toMatchObject([
    { verb: 'update', reason: 'drift-overwritten', keepsBackup: true },
  ]);
  expect(value.owned.files).toEqual([recordOf(one)]);
});

test('a link in place of a file gives way to --overwrite-drift, a directory to nobody', () => {
  const choices = { overwriteDrift: [PATH] };
  const actual = linkTo('/srv/mine');
  expect(told(planOf({ last: one, desired: one, actual })).conflicts).toEqual(['drifted']);
  const link = planOf({ last: one, desired: one, actual, choices });
  expect(link.changes).toMatchObject([{ before: actual, keepsBackup: true }]);
  const directory: Entry = { type: 'directory', mode: 0o755, uid: 0, gid: 0 };
  const refused = planOf({ last: one, desired: one, actual: directory, choices });
  expect(told(refused)).toMatchObject({ changes: [], conflicts: ['drifted'] });
});

test('--keep-drift leaves an edit, and later installs leave it too until it changes again', () => {
  const state = { last: one, desired: two, actual: mine };
  const kept = planOf({ ...state, choices: { keepDrift: [PATH] } });
  expect(told(kept)).toMatchObject({ changes: [], conflicts: [] });
  expect(kept.notices).toMatchObject([{ path: PATH, text: expect.stringMatching(/^kept as/) }]);
  const pinned = { pinned: sha256('ONE=mine\n') };
  expect(kept.owned.files).toEqual([recordOf(one, pinned)]);
  const later = planOf({ ...state, record: pinned });
  expect(told(later)).toMatchObject({ changes: [], conflicts: [] });
  expect(later.owned.files).toEqual([recordOf(one, pinned)]);
  const again = planOf({ ...state, actual: fileAt('ONE=other\n'), record: pinned });
  expect(told(again).conflicts).toEqual(['drifted']);
});

test('a kept edit is resolved by itself once it is what was written or what is wanted', () => {
  const record = { pinned: sha256('ONE=mine\n') };
  const state = { last: one, desired: two, record };
  const asWritten = planOf({ ...state, actual: fileAt(one.text) });
  expect(asWritten.changes).toHaveLength(1);
  expect(asWritten.owned.files).toEqual([recordOf(two)]);
  const asWanted = planOf({ ...state, actual: fileAt(two.text) });
  expect(asWanted.changes).toEqual([]);
  expect(asWanted.owned.files).toEqual([recordOf(two)]);
  const overwritten = planOf({ ...state, actual: mine, choices: { overwriteDrift: [PATH] } });
  expect(overwritten.owned.files).toEqual([recordOf(two)]);
});

test('a file that was removed is written again, with a note', () => {
  const value = told(planOf({ last: one, desired: one, actual: absent }));
  expect(value.changes).toEqual(['create deleted-by-operator']);
  expect(value.notices).toHaveLength(1);
});

test('a file that is not asked for any more is removed as it was written, and refused as it was edited', () => {
  expect(told(planOf({ last: one, actual: fileAt(one.text) })).changes).toEqual([
    'delete removed-from-config',
  ]);
  expect(told(planOf({ last: one, actual: mine })).conflicts).toEqual(['drifted']);
  expect(told(planOf({ last: one, actual: absent }))).toEqual(nothing);
  expect(told(planOf({ last: one, actual: { type: 'hidden' } })).notices).toEqual([
    'unknown (needs root)',
  ]);
  expect(told(planOf({ last: one, actual: { type: 'unsafe', link: '/x' } })).conflicts).toEqual([
    'unsafe',
  ]);
});

test('an edit that is not asked for any more goes into the backups, or stays on record', () => {
  const overwritten = planOf({
    last: one,
    record: { backup: '/var/lib/vllmd/install/backups/1/x' },
    actual: mine,
    choices: { overwriteDrift: [PATH] },
  });
  expect(overwritten.changes).toMatchObject([
    { verb: 'delete', keepsBackup: true, restores: '/var/lib/vllmd/install/backups/1/x' },
  ]);
  const kept = planOf({ last: one, actual: mine, choices: { keepDrift: [PATH] } });
  expect(told(kept)).toMatchObject({ changes: [], conflicts: [] });
  expect(kept.owned.files).toEqual([recordOf(one, { pinned: sha256('ONE=mine\n') })]);
});

test('a mode or an owner that differs is put back, with a note where somebody changed it', () => {
  for (const actual of [fileAt(one.text, { mode: 0o666 }), fileAt(one.text, { uid: 5 })]) {
    const value = told(planOf({ last: one, desired: one, actual }));
    expect(value.changes).toEqual(['metadata mode-or-owner-differs']);
    expect(value.notices).toHaveLength(1);
  }
  const stricter = artefact(one.text, { mode: 0o600 });
  const wanted = told(planOf({ last: one, desired: stricter, actual: fileAt(one.text) }));
  expect(wanted).toEqual({ ...nothing, changes: ['metadata mode-or-owner-differs'] });
});

test('a link to /dev/null is a mask: it is respected, and lifted by --unmask alone', () => {
  const state = { last: one, desired: one, actual: linkTo('/dev/null') };
  const refused = planOf({ ...state, choices: { overwriteDrift: [PATH], adopt: [PATH] } });
  expect(told(refused)).toMatchObject({ changes: [], conflicts: ['masked'] });
  const lifted = planOf({ ...state, choices: { unmask: true } });
  expect(told(lifted)).toEqual({ ...nothing, changes: ['update unmasked'] });
});

const link: LinkArtefact = {
  type: 'link',
  path: '/etc/systemd/system/vllmd.target.wants/vllmd-runtime@1.service',
  target: '../vllmd-runtime@.service',
  unit: 'vllmd-runtime@1.service',
  group: 1,
  source: '',
};

function planLink(actual: Entry, choices: Partial<Choices> = {}, isKnown = true): Plan {
  return plan({
    artefacts: [link],
    runtimes: [],
    observed: observed([[link.path, actual]]),
    manifest: isKnown ? manifestOf([link]) : 'none',
    choices: { ...noChoices, ...choices },
  });
}

test('a link that was removed is the wish to have it disabled; --reenable overrules it', () => {
  expect(planLink(absent).changes).toEqual([]);
  expect(planLink(absent).notices[0]?.text).toContain('disabled by the operator');
  const again = planLink(absent, { reenable: true });
  expect(again.changes).toMatchObject([{ verb: 'create', reason: 'reenabled' }]);
  expect(again.actions).toMatchObject([{ verb: 'enable', unit: link.unit }, { phase: 'after' }]);
});

test('a link that was turned elsewhere gives way to --overwrite-drift, one of others to --adopt', () => {
  const actual = linkTo('/srv/own.service');
  expect(told(planLink(actual)).conflicts).toEqual(['drifted']);
  const overwritten = planLink(actual, { overwriteDrift: [link.path] });
  expect(overwritten.changes).toMatchObject([{ reason: 'drift-overwritten', keepsBackup: true }]);
  expect(told(planLink(actual, {}, false)).conflicts).toEqual(['foreign']);
  const adopted = planLink(actual, { adopt: [link.path] }, false);
  expect(adopted.owned.links).toMatchObject([
    { backup: `/var/lib/vllmd/install/backups/1${link.path}` },
  ]);
});

test('a link that took the place of another one gives it back when it goes', () => {
  const backup = '/var/lib/vllmd/install/backups/1/x';
  const manifest = manifestOf([], { links: [{ ...link, backup }] });
  const entries = observed([[link.path, linkTo(link.target)]]);
  const value = plan({ artefacts: [], runtimes: [], observed: entries, manifest });
  expect(value.changes).toMatchObject([{ verb: 'delete', restores: backup }]);
});

test('a unit that exists elsewhere on the host under a name of ours is not hidden by ours', () => {
  const unit = artefact('[Unit]\n', { path: '/etc/systemd/system/vllmd.slice', kind: 'unit' });
  const shadowed = new Map([['vllmd.slice', '/usr/lib/systemd/system/vllmd.slice']]);
  const value = plan({
    artefacts: [unit],
    runtimes: [],
    observed: observed([], { shadowed }),
    manifest: 'none',
  });
  expect(value.conflicts).toMatchObject([
    { kind: 'shadowed', detail: expect.stringContaining('/usr/lib/systemd/system/vllmd.slice') },
  ]);
});

test.for([
  [{ overwriteDrift: [PATH] }, /nothing to decide.*\n.*leave it out/],
  [
    { keepDrift: ['/etc/vllmd/other'] },
    /nothing to decide.*\n.*could name: \/etc\/vllmd\/runtime-1/,
  ],
  [{ adopt: [PATH] }, /not for this path, it was edited.*\n.*--overwrite-drift/],
  [{ keepDrift: [PATH], overwriteDrift: [PATH] }, /both name/],
] as const)('a flag that decides nothing is a mistake: %j', ([given, expected]) => {
  const choices = { ...noChoices, ...given };
  const isIdle = 'overwriteDrift' in given && !('keepDrift' in given);
  const value = planOf({ last: one, desired: one, actual: isIdle ? fileAt(one.text) : mine });
  let said = '';
  try {
    checkChoices(value, choices);
  } catch (error) {
    const { message, hint } = Object(error);
    said = `${message}\n${hint}`;
  }
  expect(said).toMatch(expected);
});

test('flags that decide something pass', () => {
  const edited = { last: one, desired: one, actual: mine };
  const cases: readonly (readonly [State, Partial<Choices>])[] = [
    [edited, { overwriteDrift: [PATH] }],
    [edited, { keepDrift: [PATH] }],
    [{ desired: one, actual: mine }, { adopt: [PATH] }],
  ];
  for (const [state, choices] of cases) {
    const all = { ...noChoices, ...choices };
    expect(() => checkChoices(planOf({ ...state, choices }), all)).not.toThrow();
  }
});

test('everything that is not as vllmd left it is listed with what it is', () => {
  const files = [
    artefact('a', { path: '/etc/vllmd/edited' }),
    artefact('b', { path: '/etc/vllmd/missing' }),
    artefact('c', { path: '/etc/vllmd/mode' }),
    artefact('d', { path: '/etc/vllmd/owner' }),
    artefact('e', { path: '/etc/vllmd/replaced' }),
    artefact('f', { path: '/etc/vllmd/masked' }),
    artefact('g', { path: '/etc/vllmd/same' }),
    artefact('h', { path: '/etc/vllmd/hidden' }),
  ];
  const disabled = { ...link, path: `${link.path}2` };
  const hidden = { ...link, path: `${link.path}3` };
  const manifest = manifestOf([...files, link, disabled, hidden], {
    dirs: ['/etc/vllmd', '/gone'],
  });
  const pinned = recordOf(artefact('i', { path: '/etc/vllmd/pinned' }), { pinned: sha256('x') });
  const entries: readonly (readonly [string, Entry])[] = [
    ['/etc/vllmd/edited', fileAt('x')],
    ['/etc/vllmd/pinned', fileAt('x')],
    ['/etc/vllmd/mode', fileAt('c', { mode: 0o600 })],
    ['/etc/vllmd/owner', fileAt('d', { gid: 3 })],
    ['/etc/vllmd/replaced', { type: 'directory', mode: 0o755, uid: 0, gid: 0 }],
    ['/etc/vllmd/masked', linkTo('/dev/null')],
    ['/etc/vllmd/same', fileAt('g')],
    ['/etc/vllmd/hidden', { type: 'hidden' }],
    [link.path, linkTo('/elsewhere')],
    [hidden.path, { type: 'hidden' }],
    ['/etc/systemd/system/vllmd-runtime@1.service', linkTo('/dev/null')],
  ];
  const found = drifted({ ...manifest, files: [...manifest.files, pinned] }, observed(entries));
  expect(found.map(({ kind, path }) => `${kind} ${path}`)).toEqual([
    'edited /etc/vllmd/edited',
    'missing /etc/vllmd/missing',
    'mode /etc/vllmd/mode',
    'owner /etc/vllmd/owner',
    'replaced /etc/vllmd/replaced',
    'masked /etc/vllmd/masked',
    'pinned /etc/vllmd/pinned',
    `redirected ${link.path}`,
    `disabled ${disabled.path}`,
    'missing /etc/vllmd',
    'masked /etc/systemd/system/vllmd-runtime@1.service',
  ]);
});

const texts = fc.constantFrom('A\n', 'B\n', 'C\n', 'D\n');
const modes = fc.constantFrom(0o644, 0o600);
const owners = fc.constantFrom(0, 1000);
const actuals: fc.Arbitrary<Entry> = fc.oneof(
  fc.constant(absent),
  fc.record({ text: texts, mode: modes, uid: owners }).map((file) => fileAt(file.text, file)),
  fc.constantFrom('/dev/null', '/srv/own', '../vllmd-runtime@.service').map(linkTo),
  fc.constantFrom<Entry>(
    { type: 'directory', mode: 0o755, uid: 0, gid: 0 },
    { type: 'other', what: 'socket' },
    { type: 'hidden' },
    { type: 'unsafe', link: '/etc' },
  ),
);
const flags = fc.subarray(['overwriteDrift', 'keepDrift', 'adopt', 'unmask', 'reenable'] as const);
const cases = fc.record({
  last: fc.option(fc.record({ text: texts, mode: modes }), { nil: undefined }),
  desired: fc.option(fc.record({ text: texts, mode: modes }), { nil: undefined }),
  pinned: fc.option(texts, { nil: undefined }),
  backup: fc.boolean(),
  actual: actuals,
  isLink: fc.boolean(),
  flags,
});

/** Bytes of the operator that a change would take away: neither what vllmd wrote last nor what it wants. */
function takesBytes(change: Change, last: string | undefined): boolean {
  const { before, after } = change;
  if (change.verb === 'metadata') return false;
  if (before.type === 'directory' || before.type === 'other') return true;
  if (before.type === 'link') {
    return before.target !== '/dev/null' && before.target !== '../vllmd-runtime@.service';
  }
  if (before.type !== 'file') return false;
  return before.text !== last && !(after?.type === 'file' && after.text === before.text);
}

type Case = typeof cases extends fc.Arbitrary<infer Drawn> ? Drawn : never;

function choicesOf({ flags: given, isLink }: Case): Choices {
  const chosen = (name: (typeof given)[number]) =>
    given.includes(name) ? [isLink ? link.path : PATH] : [];
  return {
    overwriteDrift: chosen('overwriteDrift'),
    keepDrift: chosen('keepDrift'),
    adopt: chosen('adopt'),
    unmask: given.includes('unmask'),
    reenable: given.includes('reenable'),
  };
}

function recordOfCase({ last, pinned, backup, isLink }: Case): Manifest | 'none' {
  if (last === undefined) return 'none';
  if (isLink) return manifestOf([link]);
  const record = {
    ...(pinned === undefined ? {} : { pinned: sha256(pinned) }),
    ...(backup ? { backup: '/var/lib/vllmd/install/backups/1/x' } : {}),
  };
  return manifestOf([], { files: [recordOf(artefact(last.text, last), record)] });
}

function planOfCase(drawn: Case): Plan {
  const { desired, isLink, actual } = drawn;
  const wanted: readonly Artefact[] =
    desired === undefined ? [] : [isLink ? link : artefact(desired.text, desired)];
  return plan({
    artefacts: wanted,
    runtimes: [],
    observed: observed([[isLink ? link.path : PATH, actual]]),
    manifest: recordOfCase(drawn),
    choices: choicesOf(drawn),
  });
}

const states = tally('states drawn');

test('no bytes of the operator are ever lost without a flag, and with one a copy is kept', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(cases, (drawn) => {
      states.add('paths');
      const value = planOfCase(drawn);
      const taking = value.changes.filter((change) =>
        takesBytes(change, drawn.isLink ? undefined : drawn.last?.text),
      );
      for (const change of taking) {
        expect(change.keepsBackup).toBe(true);
        expect(['file', 'link']).toContain(change.before.type);
        const wasAsked = drawn.flags.includes('overwriteDrift') || drawn.flags.includes('adopt');
        expect(wasAsked).toBe(true);
      }
      // A path is changed, refused or left alone, never two of these.
      expect(value.changes.length + value.conflicts.length).toBeLessThanOrEqual(1);
      seen.add(value.conflicts[0]?.kind ?? value.changes[0]?.reason ?? 'nothing');
    }),
    { numRuns: 24_000 },
  );
  expect([...seen].sort()).toEqual([
    'adopted',
    'content-changed',
    'deleted-by-operator',
    'drift-overwritten',
    'drifted',
    'enable-at-boot',
    'foreign',
    'masked',
    'mode-or-owner-differs',
    'new-file',
    'nothing',
    'reenabled',
    'removed-from-config',
    'restores-adopted',
    'unmasked',
    'unsafe',
  ]);
});

readmeTells('test/core/plan/drift.test.ts', states.sum);
