import { expect, test } from 'vitest';
import type { HostFacts } from '../../../../src/core/fleet/doctor/host-facts.ts';
import { judgeEligible } from '../../../../src/core/fleet/doctor/judge-eligible.ts';
import { judgeFile } from '../../../../src/core/fleet/doctor/judge-file.ts';
import { type HostLook, judgeHost } from '../../../../src/core/fleet/doctor/judge-host.ts';
import { needsOf, questionsFor } from '../../../../src/core/fleet/doctor/needs.ts';
import { hostsOf } from '../../../../src/core/fleet/doctor/view.ts';
import type { RuntimesFile } from '../../../../src/core/fleet/runtimes-file.ts';

const file: RuntimesFile = {
  hosts: [
    {
      ...{ id: 'lab', display_name: 'Lab', enabled: true, transport: 'ssh' },
      connection: { host: '10.0.0.1' },
      capabilities: { gpu: ['h100'], backends: ['cuda', 'other'] },
      health: { check_cmd: 'nvidia-smi' },
      model_control: { stop_cmd: 'sudo -n systemctl stop x', cleanup_cmd: 'rm -f /tmp/x' },
    },
    {
      ...{ id: 'here', display_name: 'Here', enabled: true, transport: 'local', connection: {} },
      capabilities: { gpu: [], backends: [] },
      health: { check_cmd: 'true' },
      model_control: { stop_cmd: 'true' },
    },
  ],
  backends: [
    {
      ...{ id: 'cuda', display_name: 'CUDA', enabled: true, type: 'cuda', host_filters: 'any' },
      verify_cmd: 'nvidia-smi -L',
    },
    { id: 'other', display_name: 'O', enabled: true, type: 'cpu', host_filters: ['here'] },
  ],
  models: [
    {
      ...{ id: 'a', display_name: 'A', enabled: true, source: '/models/a.gguf' },
      ...{ host_policy: ['lab'], backend_policy: 'any' },
      launch: { start_cmd: 'X=1 llama-server', probe_cmd: 'curl x' },
      runtime_defaults: { port: 8080 },
    },
    {
      ...{ id: 'b', display_name: 'B', enabled: true, source: 'https://example/b' },
      ...{ host_policy: 'any', backend_policy: 'any' },
      launch: { start_cmd: '/opt/run', probe_cmd: 'curl y' },
      runtime_defaults: { port: 8080 },
    },
    {
      ...{ id: 'off', display_name: 'Off', enabled: false, source: '/models/off.gguf' },
      ...{ host_policy: 'any', backend_policy: 'any' },
      launch: { start_cmd: 'never', probe_cmd: 'never' },
    },
  ],
};

const [lab, here] = file.hosts as [RuntimesFile['hosts'][number], RuntimesFile['hosts'][number]];
const needs = needsOf(file, lab);
const there = (names: readonly string[]) => new Map(names.map((name) => [name, `/bin/${name}`]));
const facts: HostFacts = {
  time: 1000,
  programs: there(questionsFor(needs).programs),
  sudoPrograms: there(questionsFor(needs).sudoPrograms),
  paths: new Map([['/models/a.gguf', { isThere: true, freeKibibytes: 2 ** 22, disk: '/models' }]]),
  downloads: { freeKibibytes: 2 ** 23, disk: '/home' },
  gpu: [{ by: 'nvidia-smi', exitCode: 0, lines: ['GPU 0: H100 (UUID: GPU-1)', 'GPU 1: H100'] }],
};
const fine: HostLook = {
  section: 'hosts',
  ...{ host: lab, needs, facts, why: undefined, key: { mode: 0o600 } },
  asked: { from: 999.5, to: 1001 },
  health: { exitCode: 0, isTimedOut: false, said: '' },
  verified: new Map([['cuda', { exitCode: 0, isTimedOut: false, said: '' }]]),
};

/** What is said of a host that is as it should be but for this. */
function wrong(change: Partial<HostLook>): readonly string[] {
  return judgeHost({ ...fine, ...change })
    .filter(({ state }) => state !== 'ok')
    .map(({ check, state, detail }) => `${state} ${check}: ${detail}`);
}

test('a host is asked for what it is to run, and for nothing of others', () => {
  expect(questionsFor(needs)).toEqual({
    programs: ['nvidia-smi', 'sudo', 'rm', 'llama-server', 'curl', '/opt/run'],
    sudoPrograms: ['systemctl'],
    paths: ['/models/a.gguf'],
  });
  expect(needs.programs.find(({ name }) => name === 'curl')?.neededBy).toEqual([
    'models[a].launch.probe_cmd',
    'models[b].launch.probe_cmd',
  ]);
  expect(needsOf(file, here).models.map(({ id }) => id)).toEqual(['b']);
});

test('a host is asked for nothing of a model that cannot run there for want of its backend', () => {
  const [a] = file.models;
  const cudaOnly = { ...file, models: file.models.map((one) => (one === a ? onCuda(one) : one)) };
  expect(needsOf(cudaOnly, lab).models.map(({ id }) => id)).toEqual(['a', 'b']);
  const without = { ...lab, capabilities: { gpu: [], backends: ['other'] } };
  const left = needsOf(cudaOnly, without);
  expect(left.models.map(({ id }) => id)).toEqual(['b']);
  expect(left.programs.map(({ name }) => name)).not.toContain('llama-server');
  expect(questionsFor(left).paths).toEqual([]);
});

function onCuda(model: RuntimesFile['models'][number]) {
  return { ...model, backend_policy: ['cuda'] };
}

test('a model that can run nowhere is a problem of the file, with what excludes each pair', () => {
  const told = (models: RuntimesFile['models'], hosts = file.hosts) =>
    judgeEligible({ ...file, hosts, models }, { section: 'hosts' }).map(
      ({ check, hostId, state, detail }) => `${state} ${hostId} ${check}: ${detail}`,
    );
  const [a, b] = file.models as [RuntimesFile['models'][number], RuntimesFile['models'][number]];
  expect(told([onCuda(a), b])).toEqual([]);
  expect(told([{ ...onCuda(a), host_policy: ['here'] }, b])).toEqual([
    'problem undefined model: model a can run nowhere: here with backend cuda is excluded by hosts[].capabilities.backends',
  ]);
  expect(told([a], [{ ...lab, enabled: false }, here])).toEqual([
    'problem undefined model: model a can run nowhere: lab is excluded by hosts[].enabled',
  ]);
  expect(told([{ ...a, host_policy: [] }])).toEqual([
    'problem undefined model: model a can run nowhere: No eligible host found for model a',
  ]);
});

test('the doctor of backends looks at the hosts that can run them, and at what they need there', () => {
  const view = { section: 'backends' } as const;
  expect(hostsOf(file, view).map(({ id }) => id)).toEqual(['lab']);
  const own = needsOf(file, lab, view);
  expect(questionsFor(own)).toEqual({ programs: ['nvidia-smi'], sudoPrograms: [], paths: [] });
  const told = judgeHost({ ...fine, ...view, needs: own, health: undefined });
  expect(told.map(({ check }) => check)).toEqual(['reached', 'key', 'program', 'backend']);
  const silent = judgeHost({ ...fine, ...view, needs: own, verified: new Map() });
  expect(silent.at(-1)).toMatchObject({ state: 'skipped', detail: 'cuda: it has no verify_cmd' });
  const [cuda, other] = file.backends;
  const nowhere = { ...file, backends: [cuda, other].filter((one) => one !== undefined) };
  expect(judgeEligible(nowhere, view).map(({ state, detail }) => `${state} ${detail}`)).toEqual([
    'problem backend other can run nowhere: lab is excluded by backends[].host_filters, here is excluded by hosts[].capabilities.backends',
  ]);
  expect(judgeEligible(file, { ...view, id: 'cuda' })).toEqual([]);
});

test('the doctor of one model looks at its hosts, and at what it needs there', () => {
  const view = { section: 'models', id: 'a' } as const;
  expect(hostsOf(file, view).map(({ id }) => id)).toEqual(['lab']);
  expect(hostsOf(file, { section: 'models' }).map(({ id }) => id)).toEqual(['lab', 'here']);
  const own = needsOf(file, lab, view);
  expect(questionsFor(own)).toEqual({
    programs: ['llama-server', 'curl'],
    sudoPrograms: [],
    paths: ['/models/a.gguf'],
  });
  const told = judgeHost({ ...fine, section: 'models', needs: own, health: undefined });
  expect(told.map(({ check }) => check)).toEqual(['reached', 'key', 'program', 'model', 'disk']);
  expect(judgeEligible(file, { section: 'models', id: 'off' })[0]?.detail).toBe(
    'model off can run nowhere: Model not found or disabled: off (disabled)',
  );
});

test('a host that is as it should be has nothing wrong, and says what was looked at', () => {
  expect(wrong({})).toEqual([]);
  expect(judgeHost(fine).map(({ check, detail }) => `${check}: ${detail}`)).toEqual([
    'reached: by ssh',
    'key: readable for its owner alone',
    'clock: as here',
    'health: exit code 0',
    'program: all 7 that commands begin with are there',
    'backend: cuda: verified',
    'gpu: nvidia-smi: GPU 0: H100; GPU 1: H100',
    'model: a: there, 4.0 GiB free',
    'disk: /models: 4.0 GiB free',
  ]);
});

test('a host that is not reached is one problem', () => {
  expect(wrong({ facts: undefined, why: 'Connection refused', health: undefined })).toEqual([
    'problem reached: Connection refused',
  ]);
});

const failed = { exitCode: 9, isTimedOut: false, said: 'no driver' };

test.for<readonly [Partial<HostLook>, string]>([
  [{ key: 'missing' }, 'problem key: the file of connection.key_path does not exist'],
  [{ key: 'no file' }, 'problem key: the file of connection.key_path is no regular file'],
  [
    { key: { why: 'ELOOP' } },
    'problem key: the file of connection.key_path cannot be looked at: ELOOP',
  ],
  [
    { key: { mode: 0o644 } },
    'problem key: the file of connection.key_path has the mode 0644, and ssh refuses it',
  ],
  [{ asked: { from: 900, to: 990 } }, 'warning clock: its clock is 10 s ahead of the one here'],
  [{ asked: { from: 1101, to: 1102 } }, 'warning clock: its clock is 100 s behind the one here'],
  [{ health: failed }, 'problem health: health.check_cmd: exit code 9: no driver'],
  [
    { health: { ...failed, isTimedOut: true, said: '' } },
    'problem health: health.check_cmd: did not end in time',
  ],
  [
    { verified: new Map([['cuda', failed]]) },
    'problem backend: cuda: verify_cmd: exit code 9: no driver',
  ],
  [{ verified: new Map([['cuda', { why: 'no model' }]]) }, 'skipped backend: cuda: no model'],
  [{ facts: { ...facts, time: undefined } }, 'skipped clock: `date` does not tell the time'],
  [
    { facts: { ...facts, programs: there(['nvidia-smi', 'sudo', 'rm', 'curl', '/opt/run']) } },
    'problem program: llama-server is not there, and models[a].launch.start_cmd needs it',
  ],
  [
    { facts: { ...facts, sudoPrograms: new Map() } },
    'problem program: systemctl is not there, and hosts[lab].model_control.stop_cmd needs it',
  ],
  [
    { facts: { ...facts, gpu: [] } },
    'warning gpu: nothing shows a GPU, and capabilities.gpu names h100',
  ],
  [
    { facts: { ...facts, gpu: [{ by: 'nvidia-smi', exitCode: 9, lines: ['no driver'] }] } },
    'warning gpu: nvidia-smi ends with 9: no driver',
  ],
  [
    { facts: { ...facts, paths: new Map([['/models/a.gguf', missing()]]) } },
    'problem model: a: /models/a.gguf is not there, 2.0 GiB free',
  ],
  [
    {
      facts: {
        ...facts,
        paths: new Map([['/models/a.gguf', { isThere: true, freeKibibytes: 99, disk: '/models' }]]),
      },
    },
    'warning disk: /models: 0.0 GiB free',
  ],
])('%j is told', ([change, expected]) => {
  expect(wrong(change)).toEqual([expected]);
});

function missing() {
  return { isThere: false, freeKibibytes: 2 ** 21, disk: '/' };
}

test('a model that can run elsewhere may be missing here', () => {
  const model = { ...needs.models[0], host_policy: 'any' } as (typeof needs.models)[number];
  const paths = new Map([['/models/a.gguf', missing()]]);
  const told = wrong({ needs: { ...needs, models: [model] }, facts: { ...facts, paths } });
  expect(told).toEqual(['warning model: a: /models/a.gguf is not there, 2.0 GiB free']);
});

test('each problem and each warning says what would help', () => {
  const looks: readonly Partial<HostLook>[] = [
    { facts: undefined },
    { facts: undefined, host: { ...lab, transport: 'local' } },
    { key: 'missing', health: failed, verified: new Map([['cuda', failed]]) },
    { facts: { ...facts, programs: new Map(), gpu: [], time: 5, paths: new Map() } },
  ];
  for (const finding of looks.flatMap((change) => judgeHost({ ...fine, ...change }))) {
    const isWrong = finding.state === 'problem' || finding.state === 'warning';
    expect(finding.help === undefined, finding.detail).toBe(!isWrong);
  }
});

test('models with one port on one host are told, and who can read the file', () => {
  const told = (mode: number | undefined, connection = {}, owner = 1000) =>
    judgeFile(
      { ...file, hosts: [{ ...lab, connection }, here] },
      { hosts: [lab], view: { section: 'hosts' } },
      mode === undefined ? {} : { permissions: mode, owner, uid: 1000 },
    ).map(({ state, hostId, detail }) => `${state} ${hostId}: ${detail}`);
  const port =
    'warning lab: a, b have port 8080: a runtime that was not stopped is taken for the next one';
  expect(told(undefined)).toEqual([port]);
  expect(told(0o600)).toEqual(['ok undefined: mode 0600', port]);
  expect(told(0o644)).toEqual(['warning undefined: mode 0644: others can read it', port]);
  const open = 'others can change it, and its commands run as who runs vllmd';
  expect(told(0o664)).toEqual([`problem undefined: mode 0664: ${open}`, port]);
  expect(told(0o602, { password: 'x' })).toEqual([`problem undefined: mode 0602: ${open}`, port]);
  expect(told(0o640, { password: 'x' })).toEqual([
    'problem undefined: mode 0640, and it holds secrets',
    port,
  ]);
  expect(told(0o600, {}, 0)).toEqual(told(0o600));
  expect(told(0o600, {}, 1234)).toEqual([
    'problem undefined: it belongs to the account with the ID 1234, which can change it, and its commands run as who runs vllmd',
    ...told(0o600),
  ]);
});

test('devices are named by what tells them apart, and other programs only by their answer', () => {
  const gpu = [
    { by: '/dev/dri', exitCode: 0, lines: ['by-path', 'card0', 'renderD128'] },
    { by: '/dev/dri', exitCode: 0, lines: ['by-path'] },
    { by: 'vulkaninfo', exitCode: 0, lines: ['much'] },
    { by: 'rocm-smi', exitCode: 1, lines: [] },
  ];
  const told = judgeHost({ ...fine, facts: { ...facts, gpu } }).filter(
    ({ check }) => check === 'gpu',
  );
  expect(told.map(({ detail }) => detail)).toEqual([
    'rocm-smi ends with 1',
    '/dev/dri: card0, renderD128',
    '/dev/dri: no device',
    'vulkaninfo: it answers',
  ]);
});

test('this machine has the clock of this machine, and needs no key', () => {
  const look: HostLook = { ...fine, host: here, needs: needsOf(file, here), key: 'not named' };
  const checks = judgeHost({ ...look, health: undefined, asked: { from: 0, to: 1 } });
  expect(checks.map(({ check, state }) => `${check} ${state}`)).toEqual([
    'reached ok',
    'health skipped',
    'program problem',
    'gpu ok',
    'disk ok',
  ]);
});

test('a host that has nothing but downloads tells of its room for them, and of no GPU that it has none', () => {
  const look: HostLook = { ...fine, host: here, needs: needsOf(file, here), key: 'not named' };
  const told = judgeHost({ ...look, facts: { ...facts, paths: new Map(), gpu: [] } });
  expect(told.slice(-2).map(({ check, state, detail }) => `${state} ${check}: ${detail}`)).toEqual([
    'ok gpu: none, and the file names none',
    'ok disk: /home: 8.0 GiB free, where llama.cpp keeps what it downloads',
  ]);
  const unknown = { freeKibibytes: undefined, disk: undefined };
  const silent = { ...facts, paths: new Map(), downloads: unknown };
  expect(wrong({ facts: silent })).toEqual(['skipped disk: `df` does not tell']);
});

test('models on one disk have one row for it, and those on two have two', () => {
  const room = (disk: string) => ({ isThere: true, freeKibibytes: 2 ** 22, disk });
  const disksOf = (...names: readonly string[]) => {
    const paths = new Map(names.map((name, at) => [`/${at}`, room(name)]));
    return judgeHost({ ...fine, facts: { ...facts, paths } }).filter(
      ({ check }) => check === 'disk',
    );
  };
  expect(disksOf('/a', '/a')).toHaveLength(1);
  expect(disksOf('/a', '/b').map(({ detail }) => detail)).toEqual([
    '/a: 4.0 GiB free',
    '/b: 4.0 GiB free',
  ]);
});

test('what a host with a password is not reached by may be the password', () => {
  const helpWith = (connection: RuntimesFile['hosts'][number]['connection']) =>
    judgeHost({ ...fine, host: { ...lab, connection }, facts: undefined })[0]?.help;
  expect(helpWith({ host: '10.0.0.1', password: 'x' })).toBe(
    'see that its password, user, name and port are right: vllmd hosts edit lab --ask-password',
  );
  expect(helpWith({ host: '10.0.0.1' })).toMatch(/without a question: key, user, name and port$/);
});

test('a path whose room is not known is there all the same', () => {
  const room = { freeKibibytes: undefined, disk: undefined };
  const paths = new Map([['/models/a.gguf', { isThere: true, ...room }]]);
  const told = judgeHost({ ...fine, facts: { ...facts, paths } });
  expect(told.find(({ check }) => check === 'model')?.detail).toBe('a: there');
  expect(wrong({ facts: undefined, why: undefined })).toEqual([
    'problem reached: it did not answer',
  ]);
});

test('a program that is named by its path is not looked for in PATH', () => {
  const programs = there(['nvidia-smi', 'sudo', 'rm', 'curl', 'llama-server']);
  const [finding] = judgeHost({ ...fine, facts: { ...facts, programs } }).filter(
    ({ state }) => state === 'problem',
  );
  expect(finding?.help).toBe('install it there, or correct the path');
});
