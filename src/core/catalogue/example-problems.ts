import { loadConfig } from '../config/load.ts';
import type { Diagnostic } from '../diagnostic.ts';
import { loadLlama } from '../llama/load.ts';
import type { RuleExplanation } from './explanation.ts';

/** What validation says of an example. No file that it names is there. */
export function exampleProblems(
  text: string,
  { file, mode = 'strict' }: Pick<RuleExplanation, 'file' | 'mode'>,
): readonly Diagnostic[] {
  const bytes = new TextEncoder().encode(text);
  const { result } =
    file === undefined
      ? loadConfig(bytes, mode)
      : loadLlama(bytes, { mode, readTable: () => ({ why: 'does not exist' }) });
  return result.ok ? result.warnings : result.diagnostics;
}
