import fc from 'fast-check';
import { expect, test } from 'vitest';
import { REDACTED, secretsOf } from '../../../src/core/fleet/redact.ts';
import type { RuntimesFile } from '../../../src/core/fleet/runtimes-file.ts';
import {
  fleetPlanErrorHuman,
  fleetPlanHuman,
} from '../../../src/core/report/fleet-select-human.ts';
import { fleetPlanErrorJson, fleetPlanJson } from '../../../src/core/report/fleet-select-json.ts';
import { plainStyle } from '../../../src/core/report/style.ts';
import {
  backend,
  host,
  model,
  planned,
  policies,
  recordOf,
  refusal,
  single,
  two,
} from '../fleet/plan/samples.ts';

const plain = { isVerbose: false, secrets: [], style: plainStyle };
const verbose = { ...plain, isVerbose: true };

test('a plan for programs has all that would be done, and nothing that has no value', () => {
  const [served] = single.models;
  const env = { GGML_VK_DEVICE: '0' };
  expect(fleetPlanJson(planned(single, 'qwen3-coder-q4'), [])).toEqual({
    format_version: '1.0',
    ok: true,
    reuse: false,
    reason:
      'host local-main is the first in the file that a backend fits, and backend vulkan is the first in backend_policy that fits it',
    model: {
      id: 'qwen3-coder-q4',
      display_name: 'Qwen3 Coder Q4',
      source: '/models/Qwen3-Coder-Next-Q4_K_M.gguf',
      launch: served?.launch,
      runtime_defaults: served?.runtime_defaults,
    },
    backend: { id: 'vulkan', display_name: 'Vulkan', type: 'vulkan', env, args: ['-ngl', '99'] },
    target: 'local-main',
    endpoint: 'http://127.0.0.1:8080/v1',
    hosts: [
      {
        id: 'local-main',
        display_name: 'Local Workstation',
        transport: 'local',
        connection: {},
      },
    ],
    steps: [
      {
        kind: 'verify_backend',
        host_id: 'local-main',
        command: 'vulkaninfo --summary > /dev/null 2>&1',
        timeout_sec: 15,
        description: 'Verify backend vulkan on local-main',
        env,
      },
      {
        kind: 'start_model',
        host_id: 'local-main',
        command: `llama-server --model '/models/Qwen3-Coder-Next-Q4_K_M.gguf' --host 0.0.0.0 --port '8080' '-ngl' '99'`,
        timeout_sec: 30,
        description: 'Start model qwen3-coder-q4 on local-main',
        env,
      },
      {
        kind: 'probe_health',
        host_id: 'local-main',
        command: `curl -sf http://127.0.0.1:'8080'/health`,
        timeout_sec: 30,
        probe_interval_ms: 500,
        description: 'Probe health for qwen3-coder-q4 on local-main',
        env,
      },
    ],
    warnings: [],
  });
});

test('where no backend is used it is null', () => {
  const plan = planned({ ...policies, backends: [] }, 'reasoning-large');
  expect(fleetPlanJson(plan, [])).toMatchObject({ backend: null });
});

test('a plan for people is why this pair, and a line for each step', () => {
  const active = recordOf(planned(two, 'qwen-local'));
  expect(fleetPlanHuman(planned(two, 'qwen-remote', { active }), plain)).toBe(
    `Plan for model "qwen-remote":
  host lab-ssh is the first in host_policy that a backend fits, and backend rocm is the first in backend_policy that fits it
  [stop_model] Stop active model on workstation (timeout: 30s)
  [start_model] Start model qwen-remote on lab-ssh (timeout: 30s)
  [probe_health] Probe health for qwen-remote on lab-ssh (timeout: 30s)
`,
  );
});

test('with what a stop is judged is told to people who want more words, and to programs', () => {
  const active = recordOf(planned(two, 'qwen-local'));
  const plan = planned(two, 'qwen-remote', { active });
  const probe = `curl -sf http://127.0.0.1:'8080'/health`;
  expect(fleetPlanHuman(plan, verbose)).toContain(
    `      $ pkill -f llama-server || true\n      until this fails: ${probe}\n`,
  );
  expect(fleetPlanJson(plan, [])).toMatchObject({
    steps: [{ kind: 'stop_model', probe_cmd: probe }, {}, {}],
  });
});

test('a warning and a rollback are told to programs as well', () => {
  const fitted = backend({ id: 'b', apply_cmd: 'apply {port}', rollback_cmd: 'rollback {port}' });
  const hosts = [host({ id: 'h', capabilities: { gpu: [], backends: ['b'] } })];
  const file = { hosts, backends: [fitted], models: [model({ id: 'm' })] };
  const json = fleetPlanJson(planned(file, 'm'), []);
  expect(json).toMatchObject({
    steps: [
      { kind: 'apply_backend', command: "apply '8080'", rollback_cmd: "rollback '8080'" },
      { kind: 'start_model' },
      { kind: 'probe_health' },
    ],
    warnings: ['models[m] has no runtime_defaults.port: {port} is 8080'],
  });
});

test('a plan that reuses what runs says so', () => {
  const active = recordOf(planned(two, 'qwen-local'));
  expect(fleetPlanHuman(planned(two, 'qwen-local', { active }), plain)).toBe(
    `Plan for model "qwen-local":
  host workstation is the first in host_policy that a backend fits, and backend vulkan is the first in backend_policy that fits it
  → Runtime appears to match; will run health re-check probe(s).
  [probe_health] Probe health for qwen-local on workstation (timeout: 30s)
`,
  );
});

test('in more words a plan shows each command, and what takes it back', () => {
  const launch = { start_cmd: 'cd /srv\nserve {port}', probe_cmd: 'probe' };
  const file = { ...policies, models: [model({ id: 'm', display_name: 'a\nb', launch })] };
  expect(fleetPlanHuman(planned(file, 'm'), verbose)).toBe(
    `Plan for model "a\\nb":
  host ws is the first in the file that a backend fits, and backend cuda is the first in the file that fits it
  [start_model] Start model m on ws (timeout: 30s)
      $ cd /srv
        serve '8080'
      undo by stop_cmd: pkill -f llama-server || true
  [probe_health] Probe health for m on ws (timeout: 30s)
      $ probe
warning: models[m] has no runtime_defaults.port: {port} is 8080
`,
  );
});

test('a refusal names each pair that was tried and the rule against it', () => {
  const error = refusal(policies, 'reasoning-large', { hostId: 'ws', backendId: 'cpu' });
  expect(fleetPlanErrorHuman(error, plainStyle)).toBe(
    `Plan failed: Backend cpu cannot run on host ws: excluded by backends[].host_filters (BACKEND_HOST_MISMATCH)
  host ws, backend cpu: excluded by backends[].host_filters
`,
  );
  expect(fleetPlanErrorJson(error)).toEqual({
    format_version: '1.0',
    ok: false,
    code: 'BACKEND_HOST_MISMATCH',
    reason: 'Backend cpu cannot run on host ws: excluded by backends[].host_filters',
    rejected: [{ host_id: 'ws', backend_id: 'cpu', rule: 'backends[].host_filters' }],
  });
  const nowhere = refusal(policies, 'coder-fast', { hostId: 'cpu-node' });
  expect(fleetPlanErrorHuman(nowhere, plainStyle)).toContain(
    '\n  host cpu-node: excluded by models[].host_policy\n',
  );
  expect(fleetPlanErrorJson(nowhere)).toMatchObject({ rejected: [{ backend_id: null }] });
});

test('an id that nobody has is told as such, and as the rule of it to programs', () => {
  const noHost = refusal(policies, 'coder-fast', { hostId: 'nope' });
  expect(fleetPlanErrorHuman(noHost, plainStyle)).toBe(
    `Plan failed: Host not found or disabled: nope (no such host) (NO_ELIGIBLE_HOST)
  host nope: no host in the file has this id
`,
  );
  expect(fleetPlanErrorJson(noHost)).toMatchObject({ rejected: [{ rule: 'hosts[].id' }] });
  const noBackend = refusal(policies, 'coder-fast', { backendId: 'nope' });
  expect(fleetPlanErrorHuman(noBackend, plainStyle)).toContain(
    '\n  host ws, backend nope: no backend in the file has this id\n',
  );
});

test('of each command that takes a step back it is told which one of the file it is', () => {
  const fitted = backend({ id: 'b', apply_cmd: 'apply', rollback_cmd: 'rollback' });
  const model_control = { stop_cmd: 'stop', cleanup_cmd: 'clean\nup' };
  const hosts = [host({ id: 'h', capabilities: { gpu: [], backends: ['b'] }, model_control })];
  const text = fleetPlanHuman(
    planned({ hosts, backends: [fitted], models: [model({ id: 'm' })] }, 'm'),
    verbose,
  );
  expect(text).toContain('      $ apply\n      undo by rollback_cmd: rollback\n');
  expect(text).toContain(
    '      undo by stop_cmd: stop\n      undo by cleanup_cmd: clean\n                           up\n',
  );
});

/** Nothing that stands anywhere by chance, with much that quotes and patterns could trip over; a brace would be a variable. */
const secret = fc
  .string({ minLength: 1, maxLength: 8 })
  .map((text) => `s3cr3t-${text.replaceAll('{', '')}-m4rk'er`);

/** Every place that a secret can have, and every command that can repeat it. */
function withSecrets(one: string, other: string): RuntimesFile {
  const repeated = '{backend_env} {backend_args} run';
  return {
    hosts: ['h1', 'h2'].map((id) =>
      host({
        id,
        transport: 'ssh',
        connection: { host: 'lab', password: one, key_path: `/keys/${other}` },
        capabilities: { gpu: [], backends: ['b1', 'b2'] },
        model_control: { stop_cmd: `stop ${repeated} '${one}'`, cleanup_cmd: repeated },
      }),
    ),
    backends: ['b1', 'b2'].map((id) =>
      backend({
        id,
        apply_cmd: `apply ${repeated}`,
        verify_cmd: `verify ${repeated}`,
        rollback_cmd: `rollback ${repeated}`,
        env: { API_KEY: one, MY_TOKEN: other, PLAIN: `x ${one}` },
        args: ['--api-key', other, `--also=${one}`],
      }),
    ),
    models: ['m1', 'm2'].map((id) =>
      model({
        id,
        source: `https://x/?token=${one}`,
        launch: { start_cmd: `serve ${repeated} {source}`, probe_cmd: repeated },
      }),
    ),
  };
}

test('no secret stands in what is shown of a plan, however it is quoted', () => {
  fc.assert(
    fc.property(secret, secret, (one, other) => {
      const file = withSecrets(one, other);
      const active = recordOf(planned(file, 'm1', { hostId: 'h1', backendId: 'b1' }));
      const asked = { hostId: 'h2', backendId: 'b2', active };
      const plan = planned(file, 'm2', asked);
      const secrets = secretsOf(file);
      const shown = [
        JSON.stringify(fleetPlanJson(plan, secrets)),
        fleetPlanHuman(plan, { ...verbose, secrets }),
        JSON.stringify(active),
      ];
      for (const text of shown) {
        expect(text).toContain(REDACTED);
        expect(text).not.toMatch(/s3cr3t|m4rk/);
      }
      // What is carried out has them.
      expect(JSON.stringify(plan.steps)).toContain('s3cr3t');
    }),
  );
});

test('a plan alone is enough to hide the secrets of what it starts', () => {
  const file = withSecrets("s3cr3t-one'x", 's3cr3t-two');
  const plan = planned(file, 'm1');
  expect(JSON.stringify(fleetPlanJson(plan, []))).not.toContain('s3cr3t');
  expect(fleetPlanHuman(plan, verbose)).not.toContain('s3cr3t');
});

test('a plan is told in the same bytes each time', () => {
  const texts = [1, 2].map(() => JSON.stringify(fleetPlanJson(planned(two, 'qwen-remote'), [])));
  expect(texts[0]).toBe(texts[1]);
});
