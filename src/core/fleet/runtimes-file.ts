// The shape of runtimes.json, version 1. Types have the names of the file; an optional key
// may also be null, which is the same as absent: what has been checked has neither.

/** Where runtimes can run. */
export type RuntimeHost = {
  readonly id: string;
  readonly display_name: string;
  /** A host that is not is never a target; what runs on it is stopped all the same. */
  readonly enabled: boolean;
  readonly transport: 'local' | 'ssh';
  readonly connection: Connection;
  readonly capabilities: {
    readonly gpu: readonly string[];
    readonly vram_gb?: number;
    /** IDs of backends that it can run. */
    readonly backends: readonly string[];
  };
  readonly health: { readonly check_cmd: string; readonly timeout_sec?: number };
  readonly model_control: { readonly stop_cmd: string; readonly cleanup_cmd?: string };
};

export type Connection = {
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  /** Secret. `~/` is that of who runs vllmd. */
  readonly key_path?: string;
  /** Secret. */
  readonly password?: string;
};

export const backendTypes = ['vulkan', 'rocm', 'cuda', 'metal', 'cpu', 'custom'] as const;

export type RuntimeBackend = {
  readonly id: string;
  readonly display_name: string;
  readonly enabled: boolean;
  readonly type: (typeof backendTypes)[number];
  readonly host_filters: Policy;
  readonly apply_cmd?: string;
  readonly verify_cmd?: string;
  /** Verifies also where the backend stays what it was. */
  readonly verify_always?: boolean;
  readonly rollback_cmd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
};

export type RuntimeModel = {
  readonly id: string;
  readonly display_name: string;
  readonly enabled: boolean;
  /** A path on the host that runs it, or a URL. */
  readonly source: string;
  readonly host_policy: Policy;
  readonly backend_policy: Policy;
  readonly launch: {
    readonly start_cmd: string;
    readonly probe_cmd: string;
    readonly probe_timeout_sec?: number;
    readonly probe_interval_ms?: number;
  };
  readonly runtime_defaults?: {
    readonly port?: number;
    readonly context_window?: number;
    readonly max_tokens?: number;
  };
  readonly split_policy?: unknown;
};

/** IDs in the order of preference. */
export type Policy = 'any' | readonly string[];

/** A file that has been checked. */
export type RuntimesFile = {
  readonly hosts: readonly RuntimeHost[];
  readonly backends: readonly RuntimeBackend[];
  readonly models: readonly RuntimeModel[];
  /** Of who runs vllmd, which is no part of the file: what `~/` of a key stands for, so that it is hidden, too. */
  readonly home?: string | undefined;
};
