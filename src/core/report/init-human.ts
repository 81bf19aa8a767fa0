import { visible } from '../control-characters.ts';
import { counted } from '../counted.ts';
import type { Inventory } from '../facts/inventory.ts';
import { userAdd } from '../init/config-tables.ts';
import type { LeftOut, Proposal, ProposedRuntime, ProposedUser } from '../init/proposal.ts';
import { pastedWord } from '../shell-word.ts';
import { buildTopology } from '../topology/build-topology.ts';
import { columns } from './columns.ts';
import type { Style } from './style.ts';
import { summaryWords } from './topology-words.ts';
import { wrap } from './wrap.ts';

export type ProposalView = {
  readonly style: Style;
  /** Columns of the terminal; undefined where nothing is to be broken. */
  readonly width: number | undefined;
};

/** What was found, and what is proposed for it. */
export function proposalHuman(
  proposal: Proposal,
  inventory: Inventory,
  { style, width }: ProposalView,
): string {
  const { runtimes, leftOut, notes } = proposal;
  const remarks = [
    ...leftOut.map((left) => `${style.yellow('left out')}: ${leftOutWords(left)}`),
    ...notes.map((note) => `${style.yellow('note')}: ${note}`),
  ];
  const lines = [
    ...wrap(foundWords(proposal, inventory), width, INDENT),
    '',
    ...runtimeRows(runtimes),
    ...(remarks.length === 0 ? [] : ['', ...remarks.flatMap((line) => wrap(line, width, INDENT))]),
  ];
  return `${lines.join('\n')}\n`;
}

const INDENT = '  ';

function foundWords({ network }: Proposal, inventory: Inventory): string {
  const { defaultRoute } = network;
  return [
    `found: ${summaryWords(buildTopology(inventory, new Map()), inventory.availableBytes)}`,
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

/** What is to be done on the host of the recording in `facts`, not here. */
export function recordedUserWords(
  { name, exists }: ProposedUser,
  facts: string,
): readonly string[] {
  if (exists === true) return [];
  const host = `the host of ${visible(facts)}`;
  return exists === undefined
    ? [
        `whether ${host} has the account ${name} is not in the recording: \`${userAdd(name)}\` makes it there`,
      ]
    : [`${host} does not have the account ${name}: \`${userAdd(name)}\` makes it there`];
}

/** The commands to type next, in their order; for a recorded host those that look at the recording in `facts`. */
export function nextCommands(
  { user }: Proposal,
  file: string,
  facts: string | undefined,
): readonly string[] {
  const name = pastedWord(file);
  const recorded = facts === undefined ? '' : ` --facts ${pastedWord(facts)}`;
  return [
    // An account of the recorded host is made there.
    ...(user.exists === true || facts !== undefined ? [] : [userAdd(user.name)]),
    `vllmd validate ${name}`,
    `vllmd precheck --config ${name}${recorded}`,
    `vllmd install --dry-run --config ${name}${recorded}`,
  ];
}
