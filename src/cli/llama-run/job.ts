import type { LlamaInstance } from '../../core/llama/instance.ts';
import type { HealthTarget } from '../../core/llama/run/addresses.ts';

/** An instance with all that it takes to start it here. */
export type Job = {
  readonly instance: LlamaInstance;
  /** The program by its absolute path. */
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly target: HealthTarget;
  /** Where its users find it. */
  readonly url: string;
  readonly log: string;
  /** What keeps it from its start, in words that have been told. */
  readonly problem: string | undefined;
};
