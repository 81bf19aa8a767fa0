import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { bootedDigest, parseBooted } from '../../../src/core/plan/booted.ts';
import { canonicalUnit } from '../../../src/core/plan/canonical-unit.ts';
import { checkPurge } from '../../../src/core/plan/choices.ts';
import { sha256, startDigestOf, startDigests } from '../../../src/core/plan/digest.ts';
import { effectiveDropIns, UNIT_PATH } from '../../../src/core/plan/drop-ins.ts';
import type { ManifestRuntime } from '../../../src/core/plan/manifest.ts';
import type { Entry, HostText, Observed, UnitState } from '../../../src/core/plan/observed.ts';
import { type Plan, type PlanInput, plan } from '../../../src/core/plan/plan.ts';
import type { Artefact, FileArtefact, LinkArtefact } from '../../../src/core/render/artefact.ts';
import { artefact, entriesOf, linkTo, manifestOf, observed } from './states.ts';

const UNIT = 'vllmd-runtime@1.service';
const SYSTEM = '/etc/systemd/system';
const shared = { group: 'shared', kind: 'unit' } as const;
const template = artefact('[Service]\nExecStart=run\n', {
  path: `${SYSTEM}/vllmd-runtime@.service`,
  ...shared,
});
const slice = artefact('[Slice]\n', { path: `${SYSTEM}/vllmd.slice`, ...shared });
const bind = artefact('[Service]\n', { path: `${SYSTEM}/vllmd-vfio@.service`, ...shared });
const dropIn = artefact('[Unit]\nDescription=one\n[Service]\nUser=a\n', {
  path: `${SYSTEM}/${UNIT}.d/10-vllmd.conf`,
  kind: 'dropin',
});
const env = artefact('VLLMD_RUNTIME_CPUS=1\n');
const vm = artefact('{}\n', { path: '/home/a/runtime-1.vm.json', kind: 'vm' });
const link: LinkArtefact = {
  type: 'link',
  path: `${SYSTEM}/vllmd.target.wants/${UNIT}`,
  target: '../vllmd-runtime@.service',
  unit: UNIT,
  group: 1,
  source: '',
};
const all: readonly Artefact[] = [template, slice, bind, dropIn, env, vm, link];
const runtime: ManifestRuntime = { index: 1, gpus: [], autostart: true, restart: 'auto' };
const active: UnitState = {
  loadState: 'loaded',
  activeState: 'active',
  subState: 'running',
  mainPid: 7,
};
const inactive: UnitState = { ...active, activeState: 'inactive', subState: 'dead', mainPid: 0 };
const failed: UnitState = { ...active, activeState: 'failed', subState: 'failed', mainPid: 0 };
const TARGET = { name: 'vllmd.target', group: 'shared', startDigest: '' } as const;

type State = {
  /** What is on the host; as it is wanted unless something else is said. */
  readonly before?: readonly Artefact[];
  readonly after?: readonly Artefact[];
  readonly unit?: UnitState;
  readonly isRecorded?: boolean;
  readonly runtime?: Partial<ManifestRuntime>;
  readonly more?: Partial<Observed>;
  readonly entries?: readonly (readonly [string, Entry])[];
  readonly options?: Partial<PlanInput>;
};

function planOf(state: State): Plan {
  const { before = all, after = all, unit = active, isRecorded = true, more = {} } = state;
  const units = startDigests(before)
    .filter((start) => isRecorded || start.unit !== UNIT)
    .map(({ unit: name, group, digest }) => ({ name, group, startDigest: digest }));
  const states = new Map([
    [UNIT, unit],
    [TARGET.name, active],
  ]);
  return plan({
    artefacts: after,
    runtimes: [{ ...runtime, ...state.runtime }],
    observed: observed([...entriesOf(before), ...(state.entries ?? [])], {
      units: states,
      ...more,
    }),
    manifest: manifestOf(before, { units }),
    ...state.options,
  });
}

function verbs({ actions }: Plan): readonly string[] {
  return actions.map(({ verb, unit }) => (unit === undefined ? verb : `${verb} ${unit}`));
}

function swapped(old: FileArtefact, text: string): readonly Artefact[] {
  return all.map((item) => (item.path === old.path ? { ...old, text } : item));
}

const booted = (list: readonly Artefact[], dropIns: readonly HostText[] = []) => ({
  booted: new Map([
    [
      1,
      [
        ...list.flatMap((item) =>
          item.type === 'file' ? [{ path: item.path, text: item.text }] : [],
        ),
        ...dropIns,
      ],
    ],
  ]),
});

test('nothing changed: nothing is called', () => {
  expect(verbs(planOf({}))).toEqual([]);
});

test.for([
  ['a comment', dropIn, `# new\n${dropIn.text}`],
  ['an ignored key', dropIn, dropIn.text.replace('=one', '=two')],
  ['[Install] of the template', template, `${template.text}[Install]\nWantedBy=x\n`],
] as const)('%s that changes is written and reloaded, and restarts nothing', ([, old, text]) => {
  expect(verbs(planOf({ after: swapped(old, text) }))).toEqual(['daemon-reload']);
});

test('a link alone is reloaded, and restarts nothing', () => {
  const before = all.filter((item) => item !== link);
  expect(verbs(planOf({ before }))).toEqual([`enable ${UNIT}`, 'daemon-reload']);
});

test('a slice is reloaded and never restarted', () => {
  expect(verbs(planOf({ after: swapped(slice, '[Slice]\nMemoryMax=1G\n') }))).toEqual([
    'daemon-reload',
  ]);
});

test('the unit that binds GPUs takes effect at the next bind', () => {
  expect(verbs(planOf({ after: swapped(bind, '[Service]\nType=oneshot\n') }))).toEqual([
    'daemon-reload',
  ]);
});

test.for([
  ['environment', env, 'VLLMD_RUNTIME_CPUS=2\n', 'env-changed: VLLMD_RUNTIME_CPUS'],
  ['VM definition', vm, '{"a":1}\n', `file-changed: ${vm.path}`],
] as const)('a changed %s restarts its runtime without a reload', ([, old, text, reason]) => {
  const value = planOf({ after: swapped(old, text) });
  expect(value.actions).toMatchObject([{ verb: 'restart', unit: UNIT, reason }]);
});

test('another base image restarts nothing: a disk is made once', () => {
  const image = `${env.text}VLLMD_RUNTIME_BASE_IMAGE=/b\n`;
  const before = swapped(env, `${env.text}VLLMD_RUNTIME_BASE_IMAGE=/a\n`);
  expect(verbs(planOf({ before, after: swapped(env, image) }))).toEqual([]);
});

const seed = (name: string, text: string) =>
  artefact(text, { path: `/home/a/runtime-1/cloud-init/${name}`, kind: 'cloud-init' });
const boothook = (name: string, content: string) =>
  `put 0644 /run/systemd/system/vllmd-llama@${name}.service.d/10-vllmd.conf <<'END'\n${content}\nEND\n`;

test('of cloud-init data what a guest reads at every boot restarts it, and the reason names the instances', () => {
  const before = boothook('chat', 'YQ==') + boothook('code', 'YQ==');
  const after = boothook('chat', 'YQ==') + boothook('code', 'Yg==');
  const [old, now] = [before, after].map((text) => [...all, seed('vendor-data', text)]);
  const value = planOf({ before: old ?? [], after: now ?? [] });
  expect(value.actions).toMatchObject([
    { verb: 'restart', unit: UNIT, reason: 'llama-changed: code' },
  ]);
  expect(value.notices).toEqual([]);
  const first = [...all, seed('user-data', 'a')];
  const other = planOf({ before: first, after: [...all, seed('user-data', 'b')] });
  expect(verbs(other)).toEqual([]);
  expect(other.notices).toMatchObject([
    { text: expect.stringContaining('at its first boot only') },
  ]);
});

test('a guest that gets its first llama.cpp config is restarted for it, and one that loses its last', () => {
  const withData = [...all, seed('vendor-data', boothook('chat', 'YQ=='))];
  for (const [before, after] of [
    [all, withData],
    [withData, all],
  ] as const) {
    expect(planOf({ before, after }).actions).toMatchObject([
      { verb: 'restart', unit: UNIT, reason: 'llama-changed: chat' },
    ]);
  }
});

test('what no instance of a guest is about is told by its file', () => {
  const [before, after] = ['a', 'b'].map((text) => [...all, seed('vendor-data', text)]);
  expect(planOf({ before: before ?? [], after: after ?? [] }).actions).toMatchObject([
    { reason: 'file-changed: /home/a/runtime-1/cloud-init/vendor-data' },
  ]);
});

test('what else has changed of a runtime is told before what its guest runs', () => {
  const withData = (text: string, list: readonly Artefact[]) => [
    ...list,
    seed('vendor-data', boothook('chat', text)),
  ];
  const value = planOf({
    before: withData('YQ==', all),
    after: withData('Yg==', swapped(vm, '{"a": 1}\n')),
  });
  expect(value.actions).toMatchObject([{ reason: 'file-changed: /home/a/runtime-1.vm.json' }]);
});

test('a runtime without vendor data has the digest that it had before there were any', () => {
  const inputs = { template: template.text, env: env.text, vm: vm.text, dropIns: [dropIn] };
  const unit = canonicalUnit(template.text, dropIn.text);
  const before = sha256(JSON.stringify([unit, env.text, vm.text]));
  expect(startDigestOf({ ...inputs, vendorData: '' })).toBe(before);
  expect(startDigestOf({ ...inputs, vendorData: sha256('x') })).not.toBe(before);
});

test('a start by hand after a change of the vendor data is seen in what was booted', () => {
  const path = '/home/a/runtime-1/cloud-init/vendor-data';
  const now = [...all, seed('vendor-data', 'new')];
  const started = booted(all, [{ path, text: sha256('new') }]);
  expect(verbs(planOf({ before: now, after: now, more: started }))).toEqual([]);
  const stale = booted(all, [{ path, text: sha256('old') }]);
  expect(verbs(planOf({ before: now, after: now, more: stale }))).toEqual([`restart ${UNIT}`]);
});

test.for([
  ['drop-in', dropIn, dropIn.text.replace('User=a', 'User=b')],
  ['template', template, '[Service]\nExecStart=other\n'],
] as const)(
  'a key of the %s that changes is reloaded and restarts the runtime',
  ([, old, text]) => {
    expect(verbs(planOf({ after: swapped(old, text) }))).toEqual([
      'daemon-reload',
      `restart ${UNIT}`,
    ]);
  },
);

test('a runtime that was never started is started, and the reason says so', () => {
  const value = planOf({ unit: inactive, isRecorded: false });
  expect(value.actions).toMatchObject([{ verb: 'start', unit: UNIT, reason: 'not-started-yet' }]);
  const tried = planOf({ unit: failed, isRecorded: false });
  expect(tried.actions).toMatchObject([
    { verb: 'reset-failed' },
    { verb: 'start', reason: 'last-start-failed' },
  ]);
});

test('a runtime that was never started and has been disabled is left to the operator', () => {
  const entries = [[link.path, { type: 'absent' }]] as const;
  expect(verbs(planOf({ unit: inactive, isRecorded: false, entries }))).toEqual([]);
});

test('a runtime that the operator has stopped stays so, and its new definition is pending', () => {
  const value = planOf({ unit: inactive, after: swapped(vm, '{"a":1}\n') });
  expect(verbs(value)).toEqual([]);
  expect(value.notices).toMatchObject([
    { unit: UNIT, text: expect.stringMatching(/stopped by the operator.*definition is pending/) },
  ]);
  expect(value.pending).toEqual([]);
});

test('a failed runtime that did not change is tried again with --retry-failed only', () => {
  expect(verbs(planOf({ unit: failed }))).toEqual([]);
  expect(verbs(planOf({ unit: failed, options: { retryFailed: true } }))).toEqual([
    `reset-failed ${UNIT}`,
    `start ${UNIT}`,
  ]);
  expect(verbs(planOf({ unit: failed, after: swapped(vm, '{"a":1}\n') }))).toEqual([
    `reset-failed ${UNIT}`,
    `start ${UNIT}`,
  ]);
});

test.for([
  ['restart = "manual"', { runtime: { restart: 'manual' } }],
  ['--no-restart', { options: { noRestart: true } }],
] as const)('%s leaves the runtime as it is, says so, and has it pending', ([why, state]) => {
  const value = planOf({ ...state, after: swapped(vm, '{"a":1}\n') });
  expect(verbs(value)).toEqual([]);
  expect(value.pending).toEqual([UNIT]);
  expect(value.notices[0]?.text).toMatch(/^NOT restarting \(pending\)/);
  expect(value.notices[0]?.text).toContain(why);
  // Still so when there is nothing left to write.
  const later = planOf({ ...state, ...withOlder });
  expect(later).toMatchObject({ changes: [], pending: [UNIT] });
});

const older = swapped(vm, '{"old":1}\n');
const withOlder = { more: booted(older) };

test('what a runtime says that it was started with counts before what the record says', () => {
  expect(verbs(planOf(withOlder))).toEqual([`restart ${UNIT}`]);
  const restartedByHand = planOf({
    after: swapped(vm, '{"a":1}\n'),
    more: booted(swapped(vm, '{"a":1}\n')),
  });
  expect(verbs(restartedByHand)).toEqual([]);
  expect(restartedByHand.changes).toHaveLength(1);
  expect(verbs(planOf({ ...withOlder, unit: inactive }))).toEqual([]);
});

test('a runtime without autostart that was started by hand is not pending and not touched', () => {
  const state = { runtime: { autostart: false }, isRecorded: false };
  expect(planOf({ ...state, more: booted(all) })).toMatchObject({ actions: [], pending: [] });
  expect(verbs(planOf({ ...state, unit: inactive }))).toEqual([]);
  expect(verbs(planOf({ ...state, ...withOlder }))).toEqual([`restart ${UNIT}`]);
});

const OWN = `${SYSTEM}/${UNIT}.d/50-mine.conf`;
const mine = { path: OWN, text: '[Service]\nUser=me\nNice=5\n' };

test('a drop-in of the operator counts, is told, and is loaded before the restart', () => {
  const dropIns = new Map([[UNIT, [mine]]]);
  const value = planOf({ more: { dropIns, ...booted(all) } });
  expect(verbs(value)).toEqual(['daemon-reload', `restart ${UNIT}`]);
  expect(value.actions[1]?.reason).toBe(`drop-in-changed: ${OWN}`);
  expect(value.notices).toEqual([
    { unit: UNIT, text: `your drop-in ${OWN} applies too; it sets User, as 10-vllmd.conf does` },
  ]);
  expect(verbs(planOf({ more: { dropIns, ...booted(all, [mine]) } }))).toEqual([]);
  const gone = planOf({ more: booted(all, [mine]) });
  expect(gone.actions[1]?.reason).toBe(`drop-in-changed: ${OWN}`);
  const unsaid = planOf({ more: { dropIns } });
  expect(verbs(unsaid)).toEqual(['daemon-reload', `restart ${UNIT}`]);
});

test('a drop-in for every runtime is told once', () => {
  const path = `${SYSTEM}/service.d/mine.conf`;
  const dropIns = new Map([[UNIT, [{ path, text: '[Service]\nNice=1\n' }]]]);
  expect(planOf({ more: { dropIns } }).notices).toEqual([
    { path, text: 'this drop-in applies to every runtime too' },
  ]);
});

test('a unit that systemd has not read again yet is reloaded before it is restarted', () => {
  const value = planOf({ unit: { ...active, needsReload: true }, after: swapped(vm, '{"a":1}\n') });
  expect(verbs(value)).toEqual(['daemon-reload', `restart ${UNIT}`]);
});

test('an edit that is kept counts as what the runtime starts with', () => {
  const edited = { ...env, text: 'VLLMD_RUNTIME_CPUS=9\n' };
  const entries = [[env.path, { ...entryOf(edited) }]] as const;
  const choices = {
    overwriteDrift: [],
    keepDrift: [env.path],
    adopt: [],
    reenable: false,
    unmask: false,
  };
  const value = planOf({ entries, options: { choices } });
  expect(verbs(value)).toEqual([`restart ${UNIT}`]);
  expect(value.digests).toEqual(startDigests(swapped(env, edited.text)));
});

function entryOf(file: FileArtefact): Entry {
  return { type: 'file', text: file.text, mode: 0o644, uid: 0, gid: 0 };
}

const MASK = `${SYSTEM}/${UNIT}`;
const unmask = { overwriteDrift: [], keepDrift: [], adopt: [], reenable: false, unmask: true };

test.for([
  ['in /etc', { entries: [[MASK, linkTo('/dev/null')]] }, /--unmask/],
  [
    'until the next boot',
    { entries: [[`/run/systemd/system/${UNIT}`, linkTo('/dev/null')]] },
    /--runtime/,
  ],
  ['for systemd', { unit: { ...inactive, loadState: 'masked' } }, /unmask/],
] as const)(
  'a runtime that is masked %s is left alone, and in the way of a change refused',
  ([, state, help]) => {
    const value = planOf({ unit: inactive, ...state });
    expect(value).toMatchObject({ actions: [], conflicts: [] });
    expect(value.notices).toMatchObject([{ unit: UNIT, text: expect.stringMatching(/^masked/) }]);
    const changed = planOf({ unit: inactive, ...state, after: swapped(vm, '{"a":1}\n') });
    expect(changed.conflicts).toMatchObject([
      { kind: 'masked', detail: expect.stringMatching(help) },
    ]);
    const dropped = planOf({ ...state, after: [template, slice, bind], options: { runtimes: [] } });
    expect(dropped.conflicts).toEqual([]);
  },
);

test('--unmask removes the mask and starts the runtime', () => {
  const entries = [[MASK, linkTo('/dev/null')]] as const;
  const after = swapped(vm, '{"a":1}\n');
  const value = planOf({ unit: inactive, entries, after, options: { choices: unmask } });
  expect(value.conflicts).toEqual([]);
  expect(value.changes).toMatchObject([
    { verb: 'update' },
    { verb: 'delete', type: 'link', path: MASK, group: 1, reason: 'unmasked' },
  ]);
  expect(verbs(value)).toEqual([`unmask ${UNIT}`, 'daemon-reload', `start ${UNIT}`]);
  expect(value.actions[2]?.reason).toBe('unmasked');
});

test('a mask of the template is one conflict, not one a runtime', () => {
  const entries = [[template.path, linkTo('/dev/null')]] as const;
  const unit = { ...inactive, loadState: 'masked' };
  const value = planOf({ unit, entries, after: swapped(vm, '{"a":1}\n') });
  expect(value.conflicts).toMatchObject([{ kind: 'masked', path: template.path }]);
});

test('GPUs that turn up under a new index are told, with where the old disk stays', () => {
  const gpu = '0000:01:00.0';
  const own = { ...dropIn, text: `${dropIn.text}[Unit]\nRequires=vllmd-vfio@${gpu}.service\n` };
  const before = all.map((item) => (item === dropIn ? own : item));
  const value = planOf({
    before,
    after: [template, slice, bind],
    options: {
      runtimes: [{ ...runtime, index: 3, gpus: [gpu] }],
      manifest: manifestOf(before, { dirs: ['/srv/runtime-1'] }),
    },
  });
  expect(value.notices).toContainEqual({
    unit: 'runtime 3',
    text: 'takes the GPUs of runtime 1, which goes; its disk stays in /srv/runtime-1',
  });
});

test('data of dropped runtimes goes by index, that of runtimes of the config never', () => {
  const dirs = ['/srv/runtime-1', '/srv/runtime-2', '/srv/runtime-3'];
  const manifest = manifestOf([], { dirs });
  const listings = new Map(dirs.map((path) => [path, ['disk.raw', 'own']]));
  const entries = new Map<string, Entry>(
    dirs.map((path) => [path, { type: 'directory', mode: 0o755, uid: 0, gid: 0 }]),
  );
  const kept: Artefact = {
    type: 'directory',
    path: '/srv/runtime-3',
    mode: 0o755,
    owner: { uid: 0, gid: 0, user: 'root', group: 'root' },
    group: 3,
    source: '',
  };
  const planned = (purgeData: PlanInput['purgeData']) =>
    plan({
      artefacts: [kept],
      runtimes: [{ ...runtime, index: 3 }],
      observed: observed(entries, { listings }),
      manifest,
      purgeData,
    });
  const purged = (purgeData: PlanInput['purgeData']) =>
    planned(purgeData)
      .changes.filter(({ type }) => type === 'data')
      .map(({ path }) => path);
  for (const right of ['none', 'all', [1], [1, 2]] as const) {
    expect(() => checkPurge(planned(right), right)).not.toThrow();
  }
  expect(() => checkPurge(planned([3]), [3])).toThrow(/runtime 3 is in the config/);
  expect(() => checkPurge(planned([1, 9]), [1, 9])).toThrow(/no data of a runtime 9/);
  expect(purged('none')).toEqual([]);
  expect(purged(undefined)).toEqual([]);
  expect(purged('all')).toEqual(['/srv/runtime-1/disk.raw', '/srv/runtime-2/disk.raw']);
  expect(purged([2, 3])).toEqual(['/srv/runtime-2/disk.raw']);
});

test('an empty value clears what was said before of a list', () => {
  const cleared = canonicalUnit('[Service]\nExecStart=a\n', '[Service]\nExecStart=\nExecStart=b\n');
  expect(cleared).toBe(canonicalUnit('[Service]\nExecStart=b\n'));
  expect(canonicalUnit('[Service]\nA=\n')).not.toBe(canonicalUnit('[Service]\n'));
  expect(canonicalUnit('[Service]\nA = 1 \\\n2\nB\nno\n')).toBe(
    canonicalUnit('[Service]\nA=1  2\n'),
  );
  expect(canonicalUnit('A=1\n[X-Own]\nB=2\n')).toBe('[]');
});

test('of drop-ins with one name the one counts that systemd takes', () => {
  const paths = [
    `/usr/lib/systemd/system/${UNIT}.d/a.conf`,
    `${SYSTEM}/service.d/a.conf`,
    `${SYSTEM}/vllmd-runtime@.service.d/a.conf`,
    `/run/systemd/system/${UNIT}.d/20-vllmd-devices.conf`,
    `${SYSTEM}/vllmd-.service.d/0.conf`,
  ];
  expect(
    effectiveDropIns(paths.map((path) => ({ path, text: '' }))).map(({ path }) => path),
  ).toEqual([`${SYSTEM}/vllmd-.service.d/0.conf`, `${SYSTEM}/vllmd-runtime@.service.d/a.conf`]);
});

test('what `systemctl set-property` has written comes before a file of the same name', () => {
  const paths = [
    `${SYSTEM}/service.d/50-MemoryMax.conf`,
    `${SYSTEM}/${UNIT}.d/50-MemoryMax.conf`,
    `/run/systemd/generator.late/${UNIT}.d/60-x.conf`,
    `/etc/systemd/system.control/${UNIT}.d/50-MemoryMax.conf`,
    `/etc/systemd/system.control/service.d/60-x.conf`,
  ];
  expect(
    effectiveDropIns(paths.map((path) => ({ path, text: '' }))).map(({ path }) => path),
  ).toEqual([
    `/etc/systemd/system.control/${UNIT}.d/50-MemoryMax.conf`,
    `/run/systemd/generator.late/${UNIT}.d/60-x.conf`,
  ]);
});

test('what `systemctl set-property` has written restarts nothing: systemd has applied it', () => {
  const inputs = { template: '[Service]\nType=exec\n', env: '', vm: '', vendorData: '' };
  const property = {
    path: `/etc/systemd/system.control/${UNIT}.d/50-CPUWeight.conf`,
    text: '[Service]\nCPUWeight=50\n',
  };
  expect(startDigestOf({ ...inputs, dropIns: [property] })).toBe(
    startDigestOf({ ...inputs, dropIns: [] }),
  );
});

const unitPaths = spawnSync('systemd-analyze', ['unit-paths'], { encoding: 'utf8' });

test.skipIf(unitPaths.status !== 0)(
  'drop-ins are looked for wherever systemd does, in its order',
  () => {
    const known = new Set<string>(UNIT_PATH);
    const others = unitPaths.stdout
      .trim()
      .split('\n')
      .filter((path) => !known.has(path));
    // Where it is no link to /usr/lib it is another place.
    expect(others.filter((path) => path !== '/lib/systemd/system')).toEqual([]);
    expect(unitPaths.stdout.split('\n').filter((path) => known.has(path))).toEqual([...UNIT_PATH]);
  },
);

function bootedText(texts: readonly HostText[]): string {
  const inputs = texts.map(({ path, text }) => {
    return `== ${new TextEncoder().encode(text).length} ${path}\n${text}\n`;
  });
  return `vllmd-booted 1\n${inputs.join('')}`;
}

test('the texts that a runtime was started from are read back as they were', () => {
  const texts = [
    { path: template.path, text: template.text },
    { path: `${SYSTEM}/${UNIT}.d/with space.conf`, text: '\n== 3 /x\nä\ufeff' },
    { path: env.path, text: env.text },
    { path: vm.path, text: '' },
  ];
  expect(parseBooted(bootedText(texts))).toEqual(texts);
  expect(parseBooted('vllmd-booted 1\n')).toEqual([]);
  expect(bootedDigest(1, texts)).toMatch(/^[0-9a-f]{64}$/);
  expect(bootedDigest(2, texts)).toBeUndefined();
  for (const left of texts.filter(({ path }) => !path.endsWith('.conf'))) {
    expect(
      bootedDigest(
        1,
        texts.filter((text) => text !== left),
      ),
    ).toBeUndefined();
  }
});

test.for([
  '',
  'vllmd-booted 2\n',
  'vllmd-booted 1\n== 3 /x\nab',
  'vllmd-booted 1\n== 2 /x\nab',
  'vllmd-booted 1\n== 9999999999 /x\nab\n',
  'vllmd-booted 1\n== 2 x\nab\n',
  'vllmd-booted 1\n== -1 /x\nab\n',
  'vllmd-booted 1\n== 2 /x',
  'vllmd-booted 1\n== 1 /x\nab\n',
  'vllmd-booted 1\n== 4 /x\n\ufffd\n',
])('what a runtime says in another form counts as not said: %j', (text) => {
  expect(parseBooted(text)).toBeUndefined();
});

test('one function makes the digest of what is wanted, of the disk and of what was booted', () => {
  const texts = { template: template.text, env: env.text, vm: vm.text };
  const inputs = { ...texts, dropIns: [dropIn], vendorData: '' };
  const ofRuntime = startDigests(all).find(({ unit }) => unit === UNIT)?.digest;
  expect(ofRuntime).toBe(startDigestOf(inputs));
  const said = parseBooted(bootedText(booted(all).booted.get(1) ?? []));
  expect(bootedDigest(1, said ?? [])).toBe(ofRuntime);
});
