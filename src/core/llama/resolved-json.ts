import type { LlamaInstance } from './instance.ts';

/** One instance as the contract has it; secrets are not in it. */
export type ResolvedJson = {
  readonly name: string;
  readonly llama_cpp_path: string;
  readonly final_control: {
    readonly log_dir: string;
    readonly log_file: string;
    readonly background: boolean;
    readonly enabled: true;
    readonly gpu_ids: string | null;
  };
  readonly final_server: readonly string[];
};

export function resolvedJson({
  name,
  executable,
  control,
  shownArguments,
}: LlamaInstance): ResolvedJson {
  return {
    name,
    llama_cpp_path: executable,
    final_control: {
      log_dir: control.logDir,
      log_file: control.logFile,
      background: control.background,
      enabled: true,
      gpu_ids: control.gpuIds,
    },
    final_server: shownArguments,
  };
}
