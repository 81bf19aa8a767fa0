import type { Address, HealthTarget } from '../../core/llama/run/addresses.ts';
import type { HealthAnswer } from '../../core/llama/run/health.ts';
import { type Started, type StartOptions, start } from '../spawn.ts';
import { askHealth } from './ask-health.ts';
import { type FoundProgram, findProgram } from './find-program.ts';
import { openServerLog, type ServerLog } from './server-log.ts';
import { tryAddress, type Vacancy } from './try-address.ts';

/** Starts servers on this machine and asks them. */
export type Servers = {
  readonly findProgram: (name: string, searchPath: string, cwd: string) => FoundProgram;
  readonly openLog: (path: string) => ServerLog | { readonly why: string };
  readonly start: (
    argv: readonly string[],
    options: StartOptions,
  ) => Promise<Started | { readonly why: string }>;
  readonly ask: (target: HealthTarget, timeoutMs: number) => Promise<HealthAnswer>;
  readonly tryAddress: (address: Address) => Promise<Vacancy>;
  /** vllmd is the first process of a container, whose end is the end of all others. */
  readonly isFirst: boolean;
};

export function localServers(pid: number): Servers {
  return {
    findProgram,
    openLog: openServerLog,
    start,
    ask: askHealth,
    tryAddress,
    isFirst: pid === 1,
  };
}
