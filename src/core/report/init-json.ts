import type { Proposal, ProposedGpu } from '../init/proposal.ts';
import { FORMAT_VERSION } from './format-version.ts';
import { type RecordedSubject, recordedJson } from './recorded-json.ts';

export type InitResult = {
  readonly proposal: Proposal;
  /** Where it was written; undefined where it was only printed. */
  readonly file: string | undefined;
  readonly text: string;
  readonly next: readonly string[];
  readonly recorded: RecordedSubject | undefined;
};

/** The proposal with the text of the file, and what to do next. */
export function initJson({ proposal, file, text, next, recorded }: InitResult): object {
  const { user, network, runtimes, leftOut, notes } = proposal;
  return {
    format_version: FORMAT_VERSION,
    ok: true,
    recorded: recordedJson(recorded),
    written: file !== undefined,
    file: file ?? null,
    user: { name: user.name, exists: user.exists ?? null },
    default_interface: network.uplink ?? null,
    runtimes: runtimes.map(({ index, name, gpus, memoryGib, cpus, remarks }) => ({
      index,
      name,
      gpus: gpus.map(gpuJson),
      memory_gb: memoryGib,
      cpus,
      remarks,
    })),
    left_out: leftOut.map(({ gpus, reasons }) => ({ gpus: gpus.map(gpuJson), reasons })),
    notes,
    config: text,
    next,
  };
}

function gpuJson({ address, name, iommuGroup, numaNode }: ProposedGpu): object {
  return { address, name, iommu_group: iommuGroup ?? null, numa_node: numaNode ?? null };
}
