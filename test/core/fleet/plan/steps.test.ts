import { expect, test } from 'vitest';
import type { RuntimesFile } from '../../../../src/core/fleet/runtimes-file.ts';
import type { SelectPlan } from '../../../../src/core/fleet/select-plan.ts';
import {
  backend,
  changed,
  host,
  kindsOf,
  model,
  planned,
  policies,
  recordOf,
  STOP,
  single,
  two,
} from './samples.ts';

const probe = { timeoutSec: 30, probeIntervalMs: 500, undo: [] };

test('the first start of a model on one local host verifies its backend, starts and probes', () => {
  const env = { GGML_VK_DEVICE: '0' };
  const hostId = 'local-main';
  const plan = planned(single, 'qwen3-coder-q4');
  expect(plan.steps).toEqual([
    {
      kind: 'verify_backend',
      hostId,
      env,
      command: 'vulkaninfo --summary > /dev/null 2>&1',
      timeoutSec: 15,
      description: 'Verify backend vulkan on local-main',
      undo: [],
    },
    {
      kind: 'start_model',
      hostId,
      env,
      command: `llama-server --model '/models/Qwen3-Coder-Next-Q4_K_M.gguf' --host 0.0.0.0 --port '8080' '-ngl' '99'`,
      timeoutSec: 30,
      description: 'Start model qwen3-coder-q4 on local-main',
      undo: [
        {
          kind: 'stop_model',
          hostId,
          env: {},
          command: STOP,
          timeoutSec: 30,
          description: 'Stop model qwen3-coder-q4 on local-main',
        },
      ],
    },
    {
      kind: 'probe_health',
      hostId,
      env,
      command: `curl -sf http://127.0.0.1:'8080'/health`,
      description: 'Probe health for qwen3-coder-q4 on local-main',
      ...probe,
    },
  ]);
  expect(plan).toMatchObject({
    isReuse: false,
    reason:
      'host local-main is the first in the file that a backend fits, and backend vulkan is the first in backend_policy that fits it',
    endpoint: 'http://127.0.0.1:8080/v1',
    warnings: [],
    hosts: [single.hosts[0]],
    target: single.hosts[0],
    variables: { source: '/models/Qwen3-Coder-Next-Q4_K_M.gguf', host: '127.0.0.1', port: 8080 },
  });
});

test('a switch to another host stops what runs on the one and starts on the other', () => {
  const active = recordOf(planned(two, 'qwen-local'));
  const plan = planned(two, 'qwen-remote', { active });
  const common = { env: {}, timeoutSec: 30 };
  expect(plan.steps.map(({ undo, ...step }) => ({ ...step, undo: undo.length }))).toEqual([
    {
      ...common,
      kind: 'stop_model',
      hostId: 'workstation',
      command: STOP,
      probe: {
        ...{ hostId: 'workstation', env: {}, timeoutSec: 10 },
        command: `curl -sf http://127.0.0.1:'8080'/health`,
        description: 'Probe whether qwen-local has ended on workstation',
      },
      description: 'Stop active model on workstation',
      undo: 0,
    },
    {
      ...common,
      kind: 'start_model',
      hostId: 'lab-ssh',
      command: `llama-server --model '/srv/models/qwen-remote.gguf' --port '8080'`,
      description: 'Start model qwen-remote on lab-ssh',
      undo: 1,
    },
    {
      ...common,
      kind: 'probe_health',
      hostId: 'lab-ssh',
      command: `curl -sf http://127.0.0.1:'8080'/health`,
      description: 'Probe health for qwen-remote on lab-ssh',
      probeIntervalMs: 500,
      undo: 0,
    },
  ]);
  expect(plan.hosts.map(({ id }) => id)).toEqual(['workstation', 'lab-ssh']);
  expect(plan.endpoint).toBe('http://10.0.0.10:8080/v1');
});

test('what is stopped is probed with the values of its start and the backend that it had', () => {
  const before = recordOf(planned(single, 'qwen3-coder-q4'));
  const active = { ...before, variables: { ...before.variables, port: 9999 } };
  const { steps } = planned(single, 'qwen3-coder-q4', { active, isForced: true });
  expect(steps[0]?.probe).toMatchObject({
    command: `curl -sf http://127.0.0.1:'9999'/health`,
    env: { GGML_VK_DEVICE: '0' },
  });
});

test('what is stopped is not probed where its model has left the file, or where its stop is to be believed', () => {
  const active = recordOf(planned(two, 'qwen-local'));
  const without = { ...two, models: two.models.filter(({ id }) => id !== 'qwen-local') };
  const [gone] = planned(without, 'qwen-remote', { active }).steps;
  const [trusted] = planned(two, 'qwen-remote', { active, isStopTrusted: true }).steps;
  for (const step of [gone, trusted]) {
    expect(step?.kind).toBe('stop_model');
    expect(step).not.toHaveProperty('probe');
  }
});

test.for([
  ['coder-fast', 'ws', 'cuda', '127.0.0.1'],
  ['reasoning-large', 'ws', 'cuda', '127.0.0.1'],
  ['fallback-cpu', 'cpu-node', 'cpu', '10.0.0.12'],
] as const)('%s runs on %s with backend %s', ([modelId, hostId, backendId, address]) => {
  const plan = planned(policies, modelId);
  expect([plan.target.id, plan.backend?.id]).toEqual([hostId, backendId]);
  expect(kindsOf(plan)).toEqual([`start_model@${hostId}`, `probe_health@${hostId}`]);
  expect(plan.steps.map(({ command }) => command)).toEqual([
    `llama-server --model '/models/${modelId}.gguf'`,
    'curl -sf http://127.0.0.1:8080/health',
  ]);
  expect(plan.endpoint).toBe(`http://${address}:8080/v1`);
  expect(plan.warnings).toEqual([]);
});

test.for([
  ['systemctl start vm', 'systemctl is-active --quiet vm', undefined],
  ['llama-server', 'curl -sf http://127.0.0.1:9000/health', undefined],
  ['llama-server', 'curl -sf http://127.0.0.1:80801/health', undefined],
  ['llama-server', 'curl -sf http://127.0.0.1:8080/health', 'http://127.0.0.1:8080/v1'],
  ['llama-server --port {port}', 'true', 'http://127.0.0.1:8080/v1'],
])(
  'of a model without a port that %j starts and %j probes the endpoint is %s',
  ([start_cmd, probe_cmd, endpoint]) => {
    const model = { ...policies.models[0], launch: { start_cmd, probe_cmd } };
    const file = { ...policies, models: [model] } as RuntimesFile;
    expect(planned(file, 'coder-fast').endpoint).toBe(endpoint);
  },
);

/** Two hosts and two backends, where every command has variables. */
const full: RuntimesFile = {
  hosts: ['h1', 'h2'].map((id) =>
    host({
      id,
      connection: { host: `${id}.lan` },
      capabilities: { gpu: [], backends: ['b1', 'b2'] },
      model_control: {
        stop_cmd: 'stop {host} {host_id} {model_id} {port} {backend_id} {source}',
        cleanup_cmd: 'clean {host_id} {backend_args} {backend_env}',
      },
    }),
  ),
  backends: ['b1', 'b2'].map((id) =>
    backend({
      id,
      apply_cmd: 'apply {backend_id} {host_id}',
      verify_cmd: 'verify {backend_id} {model_id}',
      rollback_cmd: 'rollback {backend_id} on {host} {port}',
      env: { DEVICE: id },
      args: ['-b', id],
    }),
  ),
  models: ['m1', 'm2'].map((id, at) =>
    model({ id, source: `/${id}`, runtime_defaults: { port: 8081 + at } }),
  ),
};

function undoOf({ steps }: SelectPlan, kind: string) {
  return steps.find((step) => step.kind === kind)?.undo ?? [];
}

test('each step that changes something has what takes it back, with the values of the step', () => {
  const plan = planned(full, 'm1', { hostId: 'h2' });
  expect(undoOf(plan, 'apply_backend')).toEqual([
    {
      kind: 'rollback_backend',
      hostId: 'h2',
      command: "rollback 'b1' on 'h2.lan' '8081'",
      env: { DEVICE: 'b1' },
      timeoutSec: 30,
      description: 'Roll back backend b1 on h2',
    },
  ]);
  expect(undoOf(plan, 'start_model')).toMatchObject([
    { kind: 'stop_model', hostId: 'h2', command: "stop 'h2.lan' 'h2' 'm1' '8081' 'b1' '/m1'" },
    {
      kind: 'cleanup_model',
      hostId: 'h2',
      command: "clean 'h2' '-b' 'b1' DEVICE='b1'",
      description: 'Clean up on h2',
    },
  ]);
  for (const kind of ['verify_backend', 'probe_health']) expect(undoOf(plan, kind)).toEqual([]);
});

test('all of a switch is in order: stop, cleanup, apply, verify, start, probe', () => {
  const active = recordOf(planned(full, 'm1', { hostId: 'h1' }));
  const plan = planned(full, 'm2', { hostId: 'h2', backendId: 'b2', active });
  expect(kindsOf(plan)).toEqual([
    'stop_model@h1',
    'cleanup_model@h1',
    'apply_backend@h2',
    'verify_backend@h2',
    'start_model@h2',
    'probe_health@h2',
  ]);
  const stops = plan.steps.slice(0, 2).map(({ command, timeoutSec }) => [command, timeoutSec]);
  expect(stops).toEqual([
    ["stop 'h1.lan' 'h1' 'm1' '8081' 'b1' '/m1'", 30],
    ["clean 'h1' '-b' 'b1' DEVICE='b1'", 30],
  ]);
});

test('what runs is stopped with the values it was started with, though the file has others now', () => {
  const active = recordOf(planned(full, 'm1'));
  const later = changed(full, {
    host: { ...full.hosts[0], connection: { host: 'moved.lan' } },
    backend: { args: ['--other'], env: { DEVICE: '9' } },
    model: { source: '/other', runtime_defaults: { port: 9999 } },
  });
  const stops = planned(later, 'm2', { active }).steps.slice(0, 2);
  expect(stops.map(({ command }) => command)).toEqual([
    "stop 'h1.lan' 'h1' 'm1' '8081' 'b1' '/m1'",
    "clean 'h1' '-b' 'b1' DEVICE='b1'",
  ]);
});

test('what runs on a host that is disabled now is stopped there all the same', () => {
  const active = recordOf(planned(full, 'm1'));
  const plan = planned(changed(full, { host: { enabled: false } }), 'm1', { active });
  expect(kindsOf(plan).slice(0, 3)).toEqual([
    'stop_model@h1',
    'cleanup_model@h1',
    'apply_backend@h2',
  ]);
});

test('a host that is gone from the file cannot be stopped: the plan warns of it', () => {
  const active = recordOf(planned(full, 'm1'));
  const plan = planned({ ...full, hosts: full.hosts.slice(1) }, 'm1', { active });
  expect(kindsOf(plan)[0]).toBe('apply_backend@h2');
  expect(plan.warnings).toEqual([
    'host h1 of the active runtime is not in the file any more: what runs there is not stopped',
  ]);
});

test('every host of the record is stopped, each with its own address', () => {
  const active = { ...recordOf(planned(full, 'm1')), host_ids: ['h1', 'h2', 'h1'] };
  const stops = planned(full, 'm2', { active }).steps.filter(({ kind }) => kind === 'stop_model');
  expect(stops.map(({ command }) => command)).toEqual([
    "stop 'h1.lan' 'h1' 'm1' '8081' 'b1' '/m1'",
    "stop 'h2.lan' 'h2' 'm1' '8081' 'b1' '/m1'",
  ]);
});

const start = ['start_model', 'probe_health'];
const stop = ['stop_model', 'cleanup_model'];

test.for([
  ['the same backend is neither applied nor verified again', {}, [...stop, ...start]],
  [
    'one with verify_always is applied and verified where its model is started again',
    { backend: { verify_always: true } },
    [...stop, 'apply_backend', 'verify_backend', ...start],
  ],
  [
    'one that is applied in another way now is applied again',
    { backend: { apply_cmd: 'apply --new' } },
    [...stop, 'apply_backend', 'verify_backend', ...start],
  ],
  [
    'one that is applied with another environment now is applied again',
    { backend: { env: { DEVICE: '1' } } },
    [...stop, 'apply_backend', 'verify_backend', ...start],
  ],
] as const)('%s', ([, other, kinds]) => {
  const active = recordOf(planned(full, 'm1'));
  const plan = planned(changed(full, other), 'm1', { active, isForced: true });
  expect(plan.steps.map(({ kind }) => kind)).toEqual(kinds);
});

test('verify_always verifies a backend that stays, for another model and for one that runs on', () => {
  const doubted = changed(full, { backend: { verify_always: true } });
  const active = recordOf(planned(doubted, 'm1'));
  const next = planned(doubted, 'm2', { active, backendId: 'b1' });
  expect(next.steps.map(({ kind }) => kind)).toEqual([...stop, 'verify_backend', ...start]);
  const same = planned(doubted, 'm1', { active });
  expect(same.isReuse).toBe(true);
  expect(kindsOf(same)).toEqual(['verify_backend@h1', 'probe_health@h1']);
  expect(same.steps[0]).toMatchObject({ command: planned(doubted, 'm1').steps[1]?.command });
});

test('verify_always means nothing without a verify_cmd', () => {
  const { backends } = changed(full, { backend: { verify_always: true } });
  const doubted = { ...full, backends: backends.map(({ verify_cmd: _, ...rest }) => rest) };
  const active = recordOf(planned(doubted, 'm1'));
  expect(kindsOf(planned(doubted, 'm1', { active }))).toEqual(['probe_health@h1']);
});

test('a backend is applied on each host by itself', () => {
  const active = recordOf(planned(full, 'm1', { hostId: 'h1' }));
  const plan = planned(full, 'm1', { hostId: 'h2', active });
  expect(kindsOf(plan)).toContain('apply_backend@h2');
});

test('after a failure a backend is applied again: it may have been taken back', () => {
  const active = { ...recordOf(planned(full, 'm1')), healthy: false };
  const plan = planned(full, 'm1', { active });
  expect(plan.isReuse).toBe(false);
  expect(kindsOf(plan)).toContain('apply_backend@h1');
});

test('a model without a backend has no step for one, and an empty word for its name', () => {
  const bare = { ...full, backends: [] };
  const plan = planned(bare, 'm1');
  expect(plan.backend).toBeUndefined();
  expect(kindsOf(plan)).toEqual(['start_model@h1', 'probe_health@h1']);
  expect(undoOf(plan, 'start_model')[0]?.command).toBe("stop 'h1.lan' 'h1' 'm1' '8081' '' '/m1'");
  expect(planned(bare, 'm1', { active: recordOf(plan) }).isReuse).toBe(true);
});

test('a port that is used and not set is 8080, with a warning', () => {
  const launch = { start_cmd: 'serve {port}', probe_cmd: 'probe' };
  const plan = planned({ ...full, models: [model({ id: 'm', launch })] }, 'm');
  expect(plan.steps.find(({ kind }) => kind === 'start_model')?.command).toBe("serve '8080'");
  expect(plan.warnings).toEqual(['models[m] has no runtime_defaults.port: {port} is 8080']);
});

test('time limits of a probe are those of the model', () => {
  const launch = {
    start_cmd: 'serve',
    probe_cmd: 'probe',
    probe_timeout_sec: 600,
    probe_interval_ms: 50,
  };
  const plan = planned({ ...full, models: [model({ id: 'm', launch })] }, 'm');
  expect(plan.steps.at(-1)).toMatchObject({ timeoutSec: 600, probeIntervalMs: 50 });
});

test('an address of IPv6 stands in brackets in the endpoint, and bare in commands', () => {
  const hosts = [host({ id: 'h', connection: { host: 'fd00::2' } })];
  const launch = { start_cmd: 'serve {host}', probe_cmd: 'probe' };
  const one = model({ id: 'm', launch, runtime_defaults: { port: 8080 } });
  const plan = planned({ hosts, backends: [], models: [one] }, 'm');
  expect(plan.endpoint).toBe('http://[fd00::2]:8080/v1');
  expect(plan.steps[0]?.command).toBe("serve 'fd00::2'");
});

test('the environment of a backend reaches all of its commands, and no stop of what ran before', () => {
  const active = recordOf(planned(full, 'm1', { backendId: 'b2' }));
  const { steps } = planned(full, 'm1', { backendId: 'b1', active });
  const env = { DEVICE: 'b1' };
  expect(steps.map((step) => [step.kind, step.env])).toEqual([
    ['stop_model', {}],
    ['cleanup_model', {}],
    ['apply_backend', env],
    ['verify_backend', env],
    ['start_model', env],
    ['probe_health', env],
  ]);
});

test('every command of a plan has its values, and none is left with a placeholder', () => {
  const active = recordOf(planned(full, 'm1', { hostId: 'h1' }));
  const { steps } = planned(full, 'm2', { hostId: 'h2', active });
  const commands = steps.flatMap(({ command, undo }) => [
    command,
    ...undo.map((one) => one.command),
  ]);
  expect(commands).toHaveLength(9);
  expect(commands.filter((command) => command.includes('{'))).toEqual([]);
});

test.for(['/m/qwen-7b.gguf', '/m/big-235b-a22b.gguf', 'https://models.lan/a-70b.gguf'])(
  'a probe of %s takes what the file says: nothing is guessed, and nothing is looked for',
  (source) => {
    const plan = planned({ ...policies, models: [model({ id: 'm', source })] }, 'm');
    expect(kindsOf(plan)).toEqual(['start_model@ws', 'probe_health@ws']);
    expect(plan.steps[0]?.command).toBe(`llama-server --model '${source}'`);
    expect(plan.steps[1]).toMatchObject({ timeoutSec: 30, probeIntervalMs: 500 });
  },
);
