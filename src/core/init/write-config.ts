import { configDefaults } from '../config/config-input.gen.ts';
import { visible } from '../control-characters.ts';
import { counted } from '../counted.ts';
import {
  globalTable,
  guestTables,
  hostTable,
  memoryTable,
  networkTable,
  vfioTable,
} from './config-tables.ts';
import type { LeftOut, NodeShare, Proposal, ProposedGpu, ProposedRuntime } from './proposal.ts';
import { comment, commentedOut, tomlString } from './toml-lines.ts';

/** The proposal as a file of version 2, with the reason for each number beside it. */
export function writeConfig(proposal: Proposal): string {
  const { runtimes, leftOut, shares, ofBoard } = proposal;
  const isEdited = runtimes.some((runtime) => runtime.isEdited);
  return [
    // An editor looks at the first line only.
    '#:schema ./schema.json',
    ...comment('The first config of this host, written by `vllmd init`. It is yours to change.'),
    ...comment('For an editor that checks it: `vllmd schema > schema.json` beside this file.'),
    ...comment('Lines such as "#key = value" show a default, or what could stand there.'),
    '',
    'schema_version = 2',
    '',
    ...globalTable(proposal),
    '',
    ...guestTables(),
    '',
    ...memoryTable(proposal),
    '',
    ...vfioTable(proposal),
    '',
    ...networkTable(proposal),
    '',
    ...hostTable(),
    '',
    ...(isEdited ? [] : shares.flatMap((share) => comment(shareWords(share)))),
    ...ofBoard.flatMap((note) => comment(`${note}.`)),
    ...runtimes.flatMap((runtime) => ['', ...runtimeTable(runtime)]),
    ...leftOut.flatMap((left, at) => ['', ...leftOutTable(left, runtimes.length + 1 + at)]),
    '',
  ]
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n');
}

/** `NUMA node 0: 4 GPUs share 104 of 112 CPUs and 972 of 1024 GiB …` */
function shareWords(share: NodeShare): string {
  const { node, gpuCount, cpuCount, runtimeCpus, memoryGib, runtimeMemoryGib } = share;
  const place = node === undefined ? 'This host' : `NUMA node ${node}`;
  const who = gpuCount === 0 ? 'the runtime' : counted(gpuCount, 'GPU');
  const verb = gpuCount > 1 ? 'share' : 'gets';
  const parts = gpuCount > 1 ? 'in equal parts and whole cores' : 'in whole cores';
  return `${place}: ${who} ${verb} ${runtimeCpus} of ${counted(cpuCount, 'CPU')} and ${runtimeMemoryGib} of ${memoryGib} GiB, ${parts}; ${counted(cpuCount - runtimeCpus, 'CPU')} and ${memoryGib - runtimeMemoryGib} GiB stay with the host.`;
}

function runtimeTable(runtime: ProposedRuntime): readonly string[] {
  const { index, name, gpus, memoryGib, cpus, remarks } = runtime;
  const { autostart, restart, prevent_removal: preventRemoval } = configDefaults.runtimes;
  return [
    '[[runtimes]]',
    `index = ${index}`,
    `name = ${tomlString(name)}`,
    ...remarks.flatMap(comment),
    ...gpuLines(gpus),
    `memory_gb = ${memoryGib}`,
    `cpus = ${cpus}`,
    // What may be said of each runtime is shown once.
    ...(index === 1
      ? [
          commentedOut(`autostart = ${autostart}`),
          commentedOut(`restart = ${tomlString(restart)}`),
          commentedOut(`prevent_removal = ${preventRemoval}`),
        ]
      : []),
  ];
}

function gpuLines(gpus: readonly ProposedGpu[]): readonly string[] {
  const [first] = gpus;
  if (first === undefined) return [];
  if (gpus.length === 1) {
    return [...comment(gpuWords(first)), `gpus = [${tomlString(first.address)}]`];
  }
  return [
    'gpus = [',
    ...gpus.map((gpu) => `  ${tomlString(gpu.address)}, # ${visible(gpuWords(gpu))}`),
    ']',
  ];
}

/** `NVIDIA GH100 [H100 SXM5 80GB], IOMMU group 40, NUMA node 0` */
function gpuWords({ name, iommuGroup, numaNode }: ProposedGpu): string {
  return [
    name,
    ...(iommuGroup === undefined ? [] : [`IOMMU group ${iommuGroup}`]),
    ...(numaNode === undefined ? [] : [`NUMA node ${numaNode}`]),
  ].join(', ');
}

/** Each line that begins with `#` and no blank is TOML without it. */
function leftOutTable({ gpus, reasons, part }: LeftOut, index: number): readonly string[] {
  const sizes = part === undefined ? [] : [`memory_gb = ${part.memoryGib}`, `cpus = ${part.cpus}`];
  return [
    ...comment(`Left out: ${gpus.map(({ address }) => address).join(', ')}`),
    ...reasons.flatMap((reason) => comment(`- ${reason}`)),
    ...comment(
      'For a runtime of its own remove # from the lines below, and lower memory_gb and cpus of the others to make room for it.',
    ),
    ...[
      '[[runtimes]]',
      `index = ${index}`,
      `name = ${tomlString(`gpu-${index}`)}`,
      ...leftOutGpus(gpus),
      ...sizes,
    ].map(commentedOut),
  ];
}

function leftOutGpus(gpus: readonly ProposedGpu[]): readonly string[] {
  const [first] = gpus;
  if (gpus.length !== 1 || first === undefined) return gpuLines(gpus);
  return [`gpus = [${tomlString(first.address)}] # ${visible(gpuWords(first))}`];
}
