import type { ActiveRecord } from '../../../../src/core/fleet/active-record.ts';
import { recordedHost } from '../../../../src/core/fleet/plan/recorded-host.ts';
import { planSelection } from '../../../../src/core/fleet/plan/select.ts';
import type {
  RuntimeBackend,
  RuntimeHost,
  RuntimeModel,
  RuntimesFile,
} from '../../../../src/core/fleet/runtimes-file.ts';
import type { PlanError, SelectPlan } from '../../../../src/core/fleet/select-plan.ts';

type Identified<Entry> = Partial<Entry> & { readonly id: string };

export const STOP = 'pkill -f llama-server || true';

export function host(given: Identified<RuntimeHost>): RuntimeHost {
  return {
    display_name: given.id,
    enabled: true,
    transport: 'local',
    connection: {},
    capabilities: { gpu: [], backends: [] },
    health: { check_cmd: 'echo ok' },
    model_control: { stop_cmd: STOP },
    ...given,
  };
}

export function backend(given: Identified<RuntimeBackend>): RuntimeBackend {
  return { display_name: given.id, enabled: true, type: 'custom', host_filters: 'any', ...given };
}

export function model(given: Identified<RuntimeModel>): RuntimeModel {
  return {
    display_name: given.id,
    enabled: true,
    source: `/models/${given.id}.gguf`,
    host_policy: 'any',
    backend_policy: 'any',
    launch: {
      start_cmd: 'llama-server --model {source}',
      probe_cmd: 'curl -sf http://127.0.0.1:8080/health',
    },
    ...given,
  };
}

/** One local host with one backend that has everything. */
export const single: RuntimesFile = {
  hosts: [
    host({
      id: 'local-main',
      display_name: 'Local Workstation',
      capabilities: { gpu: ['rtx-4090'], vram_gb: 24, backends: ['vulkan'] },
    }),
  ],
  backends: [
    backend({
      id: 'vulkan',
      display_name: 'Vulkan',
      type: 'vulkan',
      verify_cmd: 'vulkaninfo --summary > /dev/null 2>&1',
      env: { GGML_VK_DEVICE: '0' },
      args: ['-ngl', '99'],
    }),
  ],
  models: [
    model({
      id: 'qwen3-coder-q4',
      display_name: 'Qwen3 Coder Q4',
      source: '/models/Qwen3-Coder-Next-Q4_K_M.gguf',
      backend_policy: ['vulkan'],
      launch: {
        start_cmd: 'llama-server --model {source} --host 0.0.0.0 --port {port} {backend_args}',
        probe_cmd: 'curl -sf http://127.0.0.1:{port}/health',
        probe_timeout_sec: 30,
        probe_interval_ms: 500,
      },
      runtime_defaults: { port: 8080, context_window: 131_072, max_tokens: 8192 },
    }),
  ],
};

const onPort = {
  launch: {
    start_cmd: 'llama-server --model {source} --port {port}',
    probe_cmd: 'curl -sf http://127.0.0.1:{port}/health',
  },
  runtime_defaults: { port: 8080 },
};

/** A workstation and a server, with a model for each. */
export const two: RuntimesFile = {
  hosts: [
    host({
      id: 'workstation',
      capabilities: { gpu: ['rtx-4090'], backends: ['vulkan', 'cuda'] },
    }),
    host({
      id: 'lab-ssh',
      transport: 'ssh',
      connection: {
        host: '10.0.0.10',
        port: 22,
        user: 'exampleuser',
        key_path: '~/.ssh/id_example_key',
      },
      capabilities: { gpu: ['mi300'], backends: ['rocm'] },
    }),
  ],
  backends: [
    backend({ id: 'vulkan', type: 'vulkan', host_filters: ['workstation'] }),
    backend({ id: 'rocm', type: 'rocm', host_filters: ['lab-ssh'] }),
  ],
  models: [
    model({
      id: 'qwen-local',
      ...onPort,
      host_policy: ['workstation'],
      backend_policy: ['vulkan'],
    }),
    model({
      id: 'qwen-remote',
      ...onPort,
      source: '/srv/models/qwen-remote.gguf',
      host_policy: ['lab-ssh'],
      backend_policy: ['rocm'],
    }),
  ],
};

/** Models whose policies differ, none with a port of its own. */
export const policies: RuntimesFile = {
  hosts: [
    host({ id: 'ws', capabilities: { gpu: ['rtx-4090'], backends: ['vulkan', 'cuda'] } }),
    host({
      id: 'cpu-node',
      transport: 'ssh',
      connection: { host: '10.0.0.12', user: 'exampleuser', key_path: '~/.ssh/id_example_key' },
      capabilities: { gpu: [], backends: ['cpu'] },
    }),
  ],
  backends: [
    backend({ id: 'cuda', type: 'cuda', host_filters: ['ws'] }),
    backend({ id: 'cpu', type: 'cpu', host_filters: ['cpu-node'] }),
  ],
  models: [
    model({ id: 'coder-fast', host_policy: ['ws'], backend_policy: ['cuda'] }),
    model({ id: 'reasoning-large' }),
    model({ id: 'fallback-cpu', host_policy: ['cpu-node'], backend_policy: ['cpu'] }),
  ],
};

type Asked = {
  readonly hostId?: string;
  readonly backendId?: string;
  readonly isForced?: boolean;
  readonly isStopTrusted?: boolean;
  readonly active?: ActiveRecord | undefined;
};

function selected(file: RuntimesFile, modelId: string, { active, ...asked }: Asked) {
  return planSelection({ file, request: { modelId, isForced: false, ...asked }, active });
}

export function planned(file: RuntimesFile, modelId: string, asked: Asked = {}): SelectPlan {
  const result = selected(file, modelId, asked);
  if (!result.ok) throw new Error(result.error.reason);
  return result.plan;
}

export function refusal(file: RuntimesFile, modelId: string, asked: Asked = {}): PlanError {
  const result = selected(file, modelId, asked);
  if (result.ok) throw new Error(`planned: ${result.plan.reason}`);
  return result.error;
}

/** What is on record when a plan has been carried out. */
export function recordOf(plan: SelectPlan): ActiveRecord {
  return {
    format_version: 1,
    model_id: plan.model.id,
    backend_id: plan.backend?.id ?? null,
    host_ids: [plan.target.id],
    hosts: [recordedHost(plan.target)],
    healthy: true,
    started_at: '2026-01-02T03:04:05Z',
    endpoint: plan.endpoint,
    fingerprint: plan.fingerprint,
    variables: plan.variables,
    processes: [],
  };
}

/** The steps in short: `stop_model@h1`. */
export function kindsOf({ steps }: SelectPlan): readonly string[] {
  return steps.map(({ kind, hostId }) => `${kind}@${hostId}`);
}

/** The first of each, with other values. */
export function changed(
  file: RuntimesFile,
  other: {
    readonly host?: Partial<RuntimeHost>;
    readonly backend?: Partial<RuntimeBackend>;
    readonly model?: Partial<RuntimeModel>;
  },
): RuntimesFile {
  const first = <Entry>(entries: readonly Entry[], values: Partial<Entry> = {}) =>
    entries.map((entry, at) => (at === 0 ? { ...entry, ...values } : entry));
  return {
    hosts: first(file.hosts, other.host),
    backends: first(file.backends, other.backend),
    models: first(file.models, other.model),
  };
}
