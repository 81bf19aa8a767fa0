import { backendTypes } from './runtimes-file.ts';

// What stands where in runtimes.json, as data: the checks, the order of keys and the masks are made from it.

type Shape =
  | { readonly kind: 'string' | 'boolean' | 'number' | 'id' | 'policy' | 'any' }
  | { readonly kind: 'choice'; readonly values: readonly string[]; readonly expected: string }
  | { readonly kind: 'strings' }
  /** Texts by names that the file chooses. */
  | { readonly kind: 'record' }
  | { readonly kind: 'object'; readonly fields: Fields };

export type Field = Shape & { readonly isOptional?: true };
export type Fields = Readonly<Record<string, Field>>;

const string = { kind: 'string' } as const;
const boolean = { kind: 'boolean' } as const;
const number = { kind: 'number' } as const;
const strings = { kind: 'strings' } as const;
const policy = { kind: 'policy' } as const;

function optional(shape: Shape): Field {
  return { ...shape, isOptional: true };
}

function object(fields: Fields): Shape {
  return { kind: 'object', fields };
}

/** Every entry begins with these. */
const common = { id: { kind: 'id' }, display_name: string, enabled: boolean } as const;

const host: Fields = {
  ...common,
  transport: { kind: 'choice', values: ['local', 'ssh'], expected: 'expected "local" or "ssh"' },
  connection: object({
    host: optional(string),
    port: optional(number),
    user: optional(string),
    key_path: optional(string),
    password: optional(string),
  }),
  capabilities: object({ gpu: strings, vram_gb: optional(number), backends: strings }),
  health: object({ check_cmd: string, timeout_sec: optional(number) }),
  model_control: object({ stop_cmd: string, cleanup_cmd: optional(string) }),
};

const backend: Fields = {
  ...common,
  type: { kind: 'choice', values: backendTypes, expected: 'invalid backend type' },
  host_filters: policy,
  apply_cmd: optional(string),
  verify_cmd: optional(string),
  verify_always: optional(boolean),
  rollback_cmd: optional(string),
  env: optional({ kind: 'record' }),
  args: optional(strings),
};

const model: Fields = {
  ...common,
  source: string,
  host_policy: policy,
  backend_policy: policy,
  launch: object({
    start_cmd: string,
    probe_cmd: string,
    probe_timeout_sec: optional(number),
    probe_interval_ms: optional(number),
  }),
  runtime_defaults: optional(
    object({
      port: optional(number),
      context_window: optional(number),
      max_tokens: optional(number),
    }),
  ),
  split_policy: optional({ kind: 'any' }),
};

/** The lists of the file, in the order in which they are checked. */
export const sections = ['hosts', 'backends', 'models'] as const;

export type Section = (typeof sections)[number];

export const fieldsOf: Readonly<Record<Section, Fields>> = {
  hosts: host,
  backends: backend,
  models: model,
};

/** What an entry is called. */
export const entryNames = { hosts: 'host', backends: 'backend', models: 'model' } as const;
