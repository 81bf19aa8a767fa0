import type { RuntimeBackend, RuntimeHost, RuntimeModel } from './runtimes-file.ts';
import type { Variables } from './template/variables.ts';

/** A command as a host is given it. May hold secrets: whatever is shown goes through `redact.ts` first. */
export type HostCommand = {
  readonly hostId: string;
  /** Where that host was when what is stopped was started; undefined: where it is in the file. */
  readonly host?: RuntimeHost;
  /** For bash, with all values inserted. */
  readonly command: string;
  /** Exported to it. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutSec: number;
  /** `Start model M on H` */
  readonly description: string;
};

export type StepKind =
  | 'stop_model'
  | 'cleanup_model'
  | 'apply_backend'
  | 'verify_backend'
  | 'start_model'
  | 'probe_health';

export type Step = HostCommand & {
  readonly kind: StepKind;
  /** Of a stop: what succeeds as long as that which is stopped answers; undefined where the file has it no more. */
  readonly probe?: HostCommand;
  /** Of a probe: from the end of one to the next. */
  readonly probeIntervalMs?: number;
  /** What takes it back, in this order; nothing does for most. */
  readonly undo: readonly UndoStep[];
};

export type UndoStep = HostCommand & {
  readonly kind: 'stop_model' | 'cleanup_model' | 'rollback_backend';
};

/** What a selection would do: a value, which is printed and carried out. */
export type SelectPlan = {
  /** It runs as it is to run: probes are all there is to do. */
  readonly isReuse: boolean;
  /** Why this host and this backend. */
  readonly reason: string;
  readonly model: RuntimeModel;
  /** undefined: none is needed, and none fits. */
  readonly backend: RuntimeBackend | undefined;
  /** Where the model is to run. */
  readonly target: RuntimeHost;
  /** Every host that has a step. */
  readonly hosts: readonly RuntimeHost[];
  readonly steps: readonly Step[];
  readonly warnings: readonly string[];
  /** Of all that makes another runtime of it when it changes; no secret can be read back from it. */
  readonly fingerprint: string;
  /** `http://HOST:PORT/v1`; undefined: nobody says on which port it listens. */
  readonly endpoint: string | undefined;
  /** What the templates were filled with, for the stop of this runtime later. */
  readonly variables: Variables;
};

export type PlanErrorCode =
  | 'MODEL_NOT_FOUND'
  | 'NO_ELIGIBLE_HOST'
  | 'HOST_POLICY_VIOLATION'
  | 'BACKEND_NOT_FOUND'
  | 'BACKEND_POLICY_VIOLATION'
  | 'BACKEND_HOST_MISMATCH'
  | 'SPLIT_NOT_IMPLEMENTED';

/** Nothing was touched. */
export type PlanError = {
  readonly code: PlanErrorCode;
  readonly reason: string;
  /** Each pair that was tried, and the rule that excluded it. */
  readonly rejected: readonly {
    readonly hostId: string;
    readonly backendId: string | undefined;
    readonly rule: string;
  }[];
};
