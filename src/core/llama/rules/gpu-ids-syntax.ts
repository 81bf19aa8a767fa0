import { quoted } from '../../config/show-value.ts';
import type { Diagnostic } from '../../diagnostic.ts';
import { canonicalGpuIds, gpuIdsProblem } from '../gpu-ids.ts';
import type { Written } from '../written.ts';
import type { LlamaRule } from './rule.ts';
import { doubtful, wrong } from './tell.ts';

/** CUDA takes whatever stands in its variable, and stops reading at what it does not know. */
export const gpuIdsSyntax: LlamaRule = {
  id: 'llama-gpu-ids',
  check: ({ instances }) => {
    const seen = new Set<string>();
    return instances.flatMap(({ control: { gpuIds } }) => {
      if (gpuIds === undefined || seen.has(gpuIds.pointer)) return [];
      seen.add(gpuIds.pointer);
      return checked(gpuIds);
    });
  },
};

function checked({ value, pointer }: Written<string>): readonly Diagnostic[] {
  const problem = gpuIdsProblem(value);
  if (problem !== undefined) {
    return [wrong('llama-gpu-ids', pointer, `${quoted(value)} ${problem}`, helpFor(value))];
  }
  const canonical = canonicalGpuIds(value);
  if (canonical === value) return [];
  const text = `${quoted(value)} is read as ${quoted(canonical)}`;
  return [doubtful('llama-gpu-ids', pointer, text, `write ${quoted(canonical)}`)];
}

function helpFor(value: string): string {
  const lower = value.trim().toLowerCase();
  if (lower === 'all' || lower === 'none') return `write ${quoted(lower)}`;
  if (lower === '') return 'write "none" for no GPU, or leave it out for all';
  return 'write "all", "none", numbers such as "0,1", or UUIDs as `nvidia-smi -L` prints them';
}
