import type { ConfigInput } from '../core/config/config-input.gen.ts';
import { loadConfig } from '../core/config/load.ts';
import type { Mode } from '../core/config/mode.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { HostReader } from '../host/host.ts';
import type { LlamaFiles } from '../host/llama-files.ts';
import { readLlamaFiles } from '../host/read-llama-files.ts';
import { type FoundConfig, isStdin } from './find-config.ts';
import type { FileDiagnostics } from './show-diagnostics.ts';

export type WithFiles = {
  /** What the config says; when it is refused, with what is sensitive masked. */
  readonly text: string;
  readonly loaded:
    | {
        readonly ok: true;
        readonly input: ConfigInput;
        readonly warnings: readonly Diagnostic[];
        readonly llama: LlamaFiles;
      }
    | { readonly ok: false; readonly refused: readonly FileDiagnostics[] };
};

type Where = {
  readonly mode: Mode;
  /** Whom the config is for. */
  readonly host: HostReader;
  /** Where the config was read. */
  readonly beside: HostReader;
};

/** A config and the files that belong to it; where one of them is not valid, what is wrong, file by file. */
export async function loadWithFiles(
  { file, absolutePath, bytes }: FoundConfig,
  where: Where,
): Promise<WithFiles> {
  const { text, result } = loadConfig(bytes, where.mode, isStdin(absolutePath) ? 'FILE' : file);
  const source = { file, absolutePath, text };
  if (!result.ok) {
    return { text, loaded: { ok: false, refused: [{ source, diagnostics: result.diagnostics }] } };
  }
  const { value: input, warnings } = result;
  const llama = await readLlamaFiles(input, { ...where, source });
  const { refused } = llama;
  if (refused.length > 0) return { text, loaded: { ok: false, refused } };
  return { text, loaded: { ok: true, input, warnings, llama } };
}
