import { expect, test } from 'vitest';
import type { Entry } from '../../../src/core/plan/observed.ts';
import {
  compareSaved,
  type PlanMoment,
  readSavedPlan,
  savePlan,
} from '../../../src/core/plan/saved-plan.ts';
import { type FileArtefact, ROOT } from '../../../src/core/render/artefact.ts';

const unit = '/etc/systemd/system/vllmd-runtime@1.service.d/10-vllmd.conf';
const vm = '/home/sdake/runtime-1.vm.json';
const link = '/etc/systemd/system/vllmd.target.wants/vllmd-runtime@1.service';

const file = (text: string, mode = 0o644): Entry => ({ type: 'file', mode, uid: 0, gid: 0, text });

function artefact(text: string): FileArtefact {
  return {
    type: 'file',
    kind: 'vm',
    path: vm,
    group: 1,
    source: '',
    text,
    mode: 0o600,
    owner: ROOT,
    sensitive: true,
  };
}

function change(text: string): PlanMoment['plan']['changes'][number] {
  const before = file('old');
  const after = artefact(text);
  return {
    verb: 'update',
    type: 'file',
    path: vm,
    group: 1,
    reason: 'x',
    before,
    after,
    sensitive: true,
  };
}

const restart: PlanMoment['plan']['actions'][number] = {
  verb: 'restart',
  unit: 'vllmd-runtime@1.service',
  group: 1,
  reason: 'changed',
  phase: 'after',
};

function moment(options: Partial<PlanMoment> = {}): PlanMoment {
  return {
    lineage: 'one',
    generation: 4,
    version: '1.4.0',
    config: { path: '/etc/vllmd/config.toml', sha256: 'aa' },
    options: { only: [1], restart: true },
    entries: new Map<string, Entry>([
      [unit, file('[Service]')],
      [vm, file('the secret of the guest')],
      [link, { type: 'link', target: '../vllmd-runtime@.service', trusted: true }],
      ['/etc/vllmd', { type: 'directory', mode: 0o755, uid: 0, gid: 0 }],
      ['/etc/default', { type: 'other', what: 'file' }],
      ['/etc/vllmd/new', { type: 'absent' }],
      ['/etc/vllmd/secret', { type: 'hidden' }],
    ]),
    plan: { changes: [change('new')], actions: [restart], conflicts: [] },
    ...options,
  };
}

const saved = savePlan(moment());

const dropIn = '/etc/systemd/system/vllmd-runtime@1.service.d/60-nice.conf';

function afterMoving(path: string, entry: Entry): readonly string[] {
  return compareSaved(saved, moment({ entries: new Map([...moment().entries, [path, entry]]) }));
}

test('a plan that was just saved is still the same', () => {
  expect(compareSaved(saved, moment())).toEqual([]);
  const sameOptions = moment({ options: { restart: true, only: [1] } });
  expect(compareSaved(saved, sameOptions)).toEqual([]);
});

test('a saved plan holds no content of any file', () => {
  expect(saved).not.toContain('secret of the guest');
  expect(saved).not.toContain('"new"');
  expect(readSavedPlan(saved)).toMatchObject({ generation: 4, options: { only: [1] } });
});

test.each<[string, Entry, string]>([
  [unit, file('[Unit]'), `${unit} was changed after the plan was saved`],
  [unit, file('[Service]', 0o600), `${unit} was changed after the plan was saved`],
  [unit, { type: 'absent' }, `${unit} was removed after the plan was saved`],
  [
    link,
    { type: 'link', target: '/dev/null', trusted: true },
    `${link} was changed after the plan was saved`,
  ],
  ['/etc/vllmd/new', file(''), '/etc/vllmd/new was made after the plan was saved'],
  [
    '/etc/vllmd/secret',
    file(''),
    '/etc/vllmd/secret could not be read when the plan was saved: save it as root',
  ],
  [
    '/etc/vllmd',
    { type: 'hidden' },
    '/etc/vllmd could be read when the plan was saved, now it needs root',
  ],
])('says of %s what became of it', (path, entry, sentence) => {
  expect(afterMoving(path, entry)).toEqual([sentence]);
});

test('a drop-in that came or went in between is said, though the steps are the same', () => {
  const with60 = moment({ entries: new Map([...moment().entries, [dropIn, file('[Service]')]]) });
  expect(compareSaved(saved, with60)).toEqual([`${dropIn} was made after the plan was saved`]);
  expect(compareSaved(savePlan(with60), moment())).toEqual([
    `${dropIn} was removed after the plan was saved`,
  ]);
});

test.each<[string, Partial<PlanMoment>, string]>([
  ['generation', { generation: 5 }, 'another install ran since: generation 4 is now 5'],
  [
    'lineage',
    { lineage: 'two' },
    'the record of the installs is another one: the plan is of another host, or this one was installed afresh',
  ],
  ['version', { version: '1.5.0' }, 'the plan is one of vllmd 1.4.0, this is 1.5.0'],
  [
    'config',
    { config: { path: '/etc/vllmd/config.toml', sha256: 'bb' } },
    'the config /etc/vllmd/config.toml was changed after the plan was saved',
  ],
  [
    'path of the config',
    { config: { path: '/tmp/c.toml', sha256: 'aa' } },
    'the plan is one of the config /etc/vllmd/config.toml, not /tmp/c.toml',
  ],
  [
    'options',
    { options: { only: [{ b: 1, a: 2 }], restart: true } },
    'the option only is [{"a":2,"b":1}], the plan was saved with [1]',
  ],
  [
    'missing option',
    { options: { only: [1] } },
    'the option restart is not given, the plan was saved with true',
  ],
])('says that another %s makes it another plan', (_what, options, sentence) => {
  expect(compareSaved(saved, moment(options))).toEqual([sentence]);
});

test('what follows from another config is not listed: all of it may be different', () => {
  const config = { path: '/etc/vllmd/config.toml', sha256: 'bb' };
  const plan = { changes: [], actions: [], conflicts: [] };
  expect(compareSaved(saved, moment({ config, plan }))).toEqual([
    'the config /etc/vllmd/config.toml was changed after the plan was saved',
  ]);
});

test('names the units and paths to which something else would happen now', () => {
  const stop = { ...restart, verb: 'stop' as const, unit: 'vllmd-runtime@2.service' };
  const reload = { verb: 'daemon-reload', group: 'shared', reason: '', phase: 'after' } as const;
  const plan = {
    changes: [
      change('newer'),
      {
        verb: 'delete',
        type: 'link',
        path: link,
        group: 1,
        reason: '',
        before: file(''),
        sensitive: false,
      },
    ],
    actions: [stop, reload],
    conflicts: [{ kind: 'drifted', path: unit, detail: '', actual: file(''), sensitive: false }],
  } as const;
  expect(compareSaved(saved, moment({ plan }))).toEqual([
    `${vm} would be replaced, but not as in the saved plan`,
    `${link} would now be removed`,
    'vllmd-runtime@2.service would now be stopped',
    'systemd would now be reloaded',
    `${unit} would now be a conflict`,
    'vllmd-runtime@1.service would no longer be restarted',
  ]);
});

test('another link or directory is another plan, as another mode is', () => {
  const { after: _file, ...rest } = change('');
  const target = (text: string) =>
    ({ type: 'link', path: link, group: 1, source: '', target: text, unit: '' }) as const;
  const directory = (mode: number) =>
    ({ type: 'directory', path: vm, group: 1, source: '', mode, owner: ROOT }) as const;
  const planOf = (after: ReturnType<typeof target> | ReturnType<typeof directory>) =>
    moment({ plan: { changes: [{ ...rest, after }], actions: [], conflicts: [] } });
  expect(compareSaved(savePlan(planOf(target('a'))), planOf(target('b')))).toHaveLength(1);
  expect(compareSaved(savePlan(planOf(directory(0o755))), planOf(directory(0o700)))).toHaveLength(
    1,
  );
});

test('the same steps in another order are another plan', () => {
  const stop = { ...restart, verb: 'stop' as const, phase: 'before' as const };
  const planOf = (actions: PlanMoment['plan']['actions']) =>
    moment({ plan: { changes: [], actions, conflicts: [] } });
  const text = savePlan(planOf([stop, restart]));
  expect(compareSaved(text, planOf([restart, stop]))).toEqual(['the plan is another one']);
});

test('a plan from before the first install is as good as any other', () => {
  const first = moment({ lineage: undefined, generation: 0 });
  expect(compareSaved(savePlan(first), first)).toEqual([]);
  expect(compareSaved(savePlan(first), moment())).toEqual([
    'another install ran since: generation 0 is now 4',
  ]);
});

test('a verb of a newer vllmd is said as it is, without what it could forge', () => {
  const text = saved.replace('"restart",', '"adopt\\u001b",');
  expect(compareSaved(text, moment())).toEqual([
    'vllmd-runtime@1.service would now be restarted',
    'vllmd-runtime@1.service would no longer be adopt\\u{1b}',
  ]);
});

test.each([
  ['{', 'it is not JSON'],
  ['[]', 'it is not a JSON object'],
  ['{}', 'it lacks entries'],
  ['{"format_version":"2.0"}', 'it has format "2.0", this vllmd knows 1.0'],
  [saved.replace('"generation": 4', '"generation": "4"'), 'it lacks entries'],
  [saved.replace('"steps": [', '"steps": [1,'), 'it lacks entries'],
])('a file that is no saved plan is refused: %#', (text, why) => {
  let thrown: unknown;
  try {
    compareSaved(text, moment());
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({ exit: 'usage', message: expect.stringContaining(why) });
});
