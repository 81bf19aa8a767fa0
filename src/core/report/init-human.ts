import { visible } from '../control-characters.ts';
import type { Inventory } from '../facts/inventory.ts';
import { userAdd } from '../init/config-tables.ts';
import type { LeftOut, Proposal, ProposedRuntime } from '../init/proposal.ts';
import { gib } from '../preflight/check.ts';
import { pastedWord } from '../shell-word.ts';
import { buildTopology } from '../topology/build-topology.ts';
import { columns } from './columns.ts';
import { counted } from './counted.ts';
import type { Style } from './style.ts';
import { summaryWords } from './topology-words.ts';

/** What was found, and what is proposed for it. */
export function proposalHuman(proposal: Proposal, inventory: Inventory, style: Style): string {
  const { runtimes, leftOut, notes } = proposal;
  const remarks = [
    ...leftOut.map((left) => `${style.yellow('left out')}: ${leftOutWords(left)}`),
    ...notes.map((note) => `${style.yellow('note')}: ${note}`),
  ];
  const lines = [
    foundWords(proposal, inventory),
    '',
    ...runtimeRows(runtimes),
    ...(remarks.length === 0 ? [] : ['', ...remarks]),
  ];
  return `${lines.join('\n')}\n`;
}

function foundWords({ network }: Proposal, inventory: Inventory): string {
  const { availableBytes } = inventory;
  const { defaultRoute } = network;
  return [
    `found: ${summaryWords(buildTopology(inventory, new Map()))}`,
    ...(availableBytes === undefined ? [] : [`${gib(availableBytes)} of memory are free now`]),
    defaultRoute === undefined
      ? 'no default route'
      : `default route by ${visible(defaultRoute.device)}${defaultRoute.gateway === undefined ? '' : ` to ${defaultRoute.gateway}`}`,
  ].join(', ');
}

export function runtimeRows(runtimes: readonly ProposedRuntime[]): readonly string[] {
  const rows = runtimes.map(({ index, name, gpus, memoryGib, cpus }) => [
    `runtime ${index}`,
    name,
    gpus.map(({ address }) => address).join(' ') || 'no GPU',
    [...new Set(gpus.map((gpu) => gpu.name))].join(', '),
    nodeCell(gpus.map(({ numaNode }) => numaNode)),
    `${memoryGib} GiB`,
    counted(cpus, 'CPU'),
  ]);
  return columns(rows);
}

function nodeCell(nodes: readonly (number | undefined)[]): string {
  const known = [...new Set(nodes.filter((node) => node !== undefined))];
  return known.length === 0 ? '' : `NUMA node ${known.join(' and ')}`;
}

/** Which GPUs, and why; most reasons begin with an address themselves. */
export function leftOutWords({ gpus, reasons }: LeftOut): string {
  const words = reasons.join('; ');
  const [first] = gpus;
  if (gpus.length === 1 && first !== undefined && words.startsWith(first.address)) return words;
  return `${gpus.map(({ address }) => address).join(', ')}: ${words}`;
}

/** The commands to type next, in their order. */
export function nextCommands({ user }: Proposal, file: string): readonly string[] {
  const name = pastedWord(file);
  return [
    ...(user.exists ? [] : [userAdd(user.name)]),
    `vllmd validate ${name}`,
    `vllmd precheck --config ${name}`,
    `vllmd install --dry-run --config ${name}`,
  ];
}
