import { visible } from '../control-characters.ts';
import { counted } from '../counted.ts';
import { allDevices, notableOnly } from '../topology/count.ts';
import type { Topology, TopologyDevice, TopologySocket } from '../topology/topology.ts';
import type { Style } from './style.ts';
import {
  groupLines,
  kindWords,
  nodeWords,
  socketWords,
  summaryWords,
  useWords,
} from './topology-words.ts';
import { wrap } from './wrap.ts';

export type TopologyView = {
  readonly style: Style;
  /** Draws with `|` and `-` instead of lines. */
  readonly isAscii: boolean;
  /** Characters in a line; names are cut to it. Unbounded where it is undefined. */
  readonly width: number | undefined;
  /** Shows every device, not only what an operator looks for. */
  readonly isWhole: boolean;
};

type Glyphs = {
  readonly tee: string;
  readonly end: string;
  readonly bar: string;
  readonly cut: string;
};
const lines: Glyphs = { tee: '├─ ', end: '└─ ', bar: '│  ', cut: '…' };
const ascii: Glyphs = { tee: '|- ', end: '`- ', bar: '|  ', cut: '~' };
const GAP = '   ';
const LEAST_NAME = 12;
/** Stands behind the number of a group that mixes a GPU with other devices. */
const MIXED = ' !';

/** One line a device, drawn as a tree; what there is to know of groups below it. */
export function topologyHuman(topology: Topology, view: TopologyView): string {
  const shown = view.isWhole ? topology : notableOnly(topology);
  const glyphs = view.isAscii ? ascii : lines;
  const rows = topRows(shown, glyphs);
  const hidden = allDevices(topology).length - allDevices(shown).length;
  const notes = [
    ...groupLines(topology),
    ...(hidden === 0 ? [] : [`${counted(hidden, 'other device')} not shown: add --all`]),
  ];
  return [
    view.style.bold(summaryWords(topology)),
    ...layOut(rows, glyphs, view),
    ...(notes.length === 0 ? [] : ['', ...notes.flatMap((note) => wrap(note, view.width, '  '))]),
    '',
  ]
    .map((line) => (view.isAscii ? asciiOnly(line) : line))
    .join('\n');
}

type Row =
  | { readonly kind: 'title'; readonly branch: string; readonly text: string }
  | { readonly kind: 'device'; readonly branch: string; readonly device: TopologyDevice };

function topRows({ sockets }: Topology, glyphs: Glyphs): readonly Row[] {
  // What belongs to no package stands beside the packages.
  const tops = sockets.flatMap<Branch>((socket) =>
    socket.ids.length === 0
      ? nodeBranches(socket)
      : [{ text: socketWords(socket), below: nodeBranches(socket) }],
  );
  return rowsOf(tops, '', glyphs);
}

type Branch =
  | { readonly text: string; readonly below: readonly Branch[] }
  | { readonly device: TopologyDevice; readonly below: readonly Branch[] };

function nodeBranches({ nodes }: TopologySocket): readonly Branch[] {
  return nodes.map((node) => ({ text: nodeWords(node), below: node.devices.map(deviceBranch) }));
}

function deviceBranch(device: TopologyDevice): Branch {
  return { device, below: device.children.map(deviceBranch) };
}

function rowsOf(branches: readonly Branch[], before: string, glyphs: Glyphs): readonly Row[] {
  return branches.flatMap((branch, at) => {
    const isLast = at === branches.length - 1;
    const own = before + (isLast ? glyphs.end : glyphs.tee);
    const below = rowsOf(branch.below, before + (isLast ? GAP : glyphs.bar), glyphs);
    const row: Row =
      'device' in branch
        ? { kind: 'device', branch: own, device: branch.device }
        : { kind: 'title', branch: own, text: branch.text };
    return [row, ...below];
  });
}

/** Columns over all devices, whatever their depth. */
function layOut(rows: readonly Row[], glyphs: Glyphs, view: TopologyView): readonly string[] {
  const cells = rows.map((row) => (row.kind === 'device' ? cellsOf(row.branch, row.device) : []));
  const widths = [0, 1, 2, 3, 4].map((column) =>
    Math.max(0, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const [first = 0, kind = 0, name = 0, driver = 0, group = 0] = widths;
  const uses = Math.max(0, ...cells.map((row) => row[5]?.length ?? 0));
  const beside = first + kind + driver + group + uses + 2 * 5;
  const room = view.width === undefined ? name : Math.max(LEAST_NAME, view.width - beside);
  const fitted = [first, kind, Math.min(name, room), driver, group, 0];
  return rows.map((row, at) => {
    if (row.kind === 'title') return `${view.style.dim(row.branch)}${row.text}`;
    const padded = (cells[at] ?? []).map((cell, column) => {
      const width = fitted[column] ?? 0;
      return (column === 2 ? cut(cell, width, glyphs) : cell).padEnd(width);
    });
    return coloured(row, padded, view.style);
  });
}

function cellsOf(branch: string, device: TopologyDevice): readonly string[] {
  const { address, name, driver, iommuGroup, isInMixedGroup } = device;
  const group = iommuGroup === undefined ? 'no group' : `group ${visible(iommuGroup)}`;
  return [
    branch + address,
    kindWords(device),
    visible(name),
    driver === undefined ? 'no driver' : visible(driver),
    isInMixedGroup ? group + MIXED : group,
    visible(useWords(device)),
  ];
}

function cut(text: string, width: number, { cut: mark }: Glyphs): string {
  return text.length <= width ? text : text.slice(0, width - 1) + mark;
}

/** GPUs stand out; groups that mix them with other devices too. */
function coloured(
  { branch, device }: Row & { kind: 'device' },
  cells: readonly string[],
  style: Style,
): string {
  const isGpu = device.role === 'gpu' || device.role === 'nvswitch';
  const mark = isGpu ? (text: string) => style.bold(style.green(text)) : (text: string) => text;
  const [first = '', kind = '', name = '', driver = '', group = '', use = ''] = cells;
  const line = [
    style.dim(branch) + mark(first.slice(branch.length)),
    mark(kind),
    mark(name),
    driver,
    device.isInMixedGroup ? style.yellow(group) : group,
    device.runtime === undefined ? use : style.cyan(use),
  ].join('  ');
  return use === '' ? line.trimEnd() : line;
}

function asciiOnly(text: string): string {
  return text.replaceAll(/\P{ASCII}/gu, '?');
}
