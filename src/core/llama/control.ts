import type { InstanceDraft } from './draft.ts';
import { canonicalGpuIds } from './gpu-ids.ts';
import type { LlamaControl } from './instance.ts';

const LOG_DIR = '/tmp';

/** How an instance is launched, with all defaults. */
export function controlOf({ name, control }: InstanceDraft): LlamaControl {
  const { logDir, logFile, background, gpuIds } = control;
  const directory = (logDir?.value ?? LOG_DIR).replace(/(?<=.)\/+$/, '');
  return {
    logDir: logDir?.value ?? LOG_DIR,
    logFile: logFile?.value ?? `${directory === '/' ? '' : directory}/llama-server-${name}.log`,
    isLogNamed: logDir !== undefined || logFile !== undefined,
    background: background?.value !== false,
    gpuIds: gpuIds === undefined ? null : canonicalGpuIds(gpuIds.value),
  };
}
