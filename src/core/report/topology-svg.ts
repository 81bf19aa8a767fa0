import { notableOnly } from '../topology/count.ts';
import type {
  Topology,
  TopologyDevice,
  TopologyNode,
  TopologySocket,
} from '../topology/topology.ts';
import { escapeXml, fitted, path, rect, textAt } from './svg.ts';
import { topologyStyle } from './topology-svg-style.ts';
import {
  groupLines,
  kindWords,
  nodeWords,
  socketWords,
  summaryWords,
  useWords,
} from './topology-words.ts';

/** In pixels. */
const COLUMN = 640;
const GAP = 16;
const TITLE = 24;
const CARD = 40;
const BRIDGE = 24;
const BETWEEN = 6;
const INDENT = 22;
const CHARACTER = 7.3;
/** Room for `group 123 !` at the right of a card. */
const ASIDE = 100;

/** The same tree as a picture that needs nothing else: boxes of sockets side by side, NUMA nodes in them. */
export function topologySvg(topology: Topology): string {
  const shown = notableOnly(topology);
  const columns = shown.sockets.map((socket, at) => drawSocket(socket, GAP + at * (COLUMN + GAP)));
  const width = GAP + Math.max(1, columns.length) * (COLUMN + GAP);
  const bottom = Math.max(0, ...columns.map(({ end }) => end)) + GAP;
  const notes = wrapped(groupLines(topology), Math.floor((width - 2 * GAP) / CHARACTER));
  const height = bottom + notes.length * 18 + GAP;
  const title = `PCI topology: ${summaryWords(topology)}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title desc">`,
    `<title id="title">${escapeXml(title)}</title>`,
    `<desc id="desc">${escapeXml(described(shown, notes))}</desc>`,
    `<style>${topologyStyle}</style>`,
    rect({ x: 0, y: 0, width, height }, 'page', 0),
    textAt(GAP, GAP + 10, 'title', summaryWords(topology)),
    ...columns.flatMap(({ parts }) => parts),
    ...notes.map((line, at) => textAt(GAP, bottom + 12 + at * 18, 'warn', line)),
    '</svg>',
    '',
  ].join('\n');
}

type Drawn = { readonly parts: readonly string[]; readonly end: number };

function drawSocket(socket: TopologySocket, x: number): Drawn {
  const top = GAP + TITLE;
  const isNamed = socket.ids.length > 0;
  const parts: string[] = [];
  let y = top + (isNamed ? TITLE : 0) + BETWEEN;
  for (const node of socket.nodes) {
    const drawn = drawNode(node, x + BETWEEN, y);
    parts.push(...drawn.parts);
    y = drawn.end + BETWEEN;
  }
  const frame = rect({ x, y: top, width: COLUMN, height: y - top }, 'box');
  const name = isNamed ? [textAt(x + 10, top + 18, 'strong', socketWords(socket))] : [];
  return { parts: [frame, ...name, ...parts], end: y };
}

function drawNode(node: TopologyNode, x: number, top: number): Drawn {
  const width = COLUMN - 2 * BETWEEN;
  const right = x + width - 10;
  const { parts, end } = drawDevices(node.devices, { x: x + 10, y: top + TITLE + BETWEEN, right });
  const bottom = end + BETWEEN;
  return {
    parts: [
      rect({ x, y: top, width, height: bottom - top }, 'box'),
      textAt(x + 10, top + 18, 'strong', fitted(nodeWords(node), width - 20, CHARACTER)),
      ...parts,
    ],
    end: bottom,
  };
}

type Place = { readonly x: number; readonly y: number; readonly right: number };

function drawDevices(devices: readonly TopologyDevice[], place: Place): Drawn {
  const parts: string[] = [];
  let { y } = place;
  for (const device of devices) {
    const height = isBridge(device) ? BRIDGE : CARD;
    parts.push(...drawCard(device, { ...place, y }, height));
    const trunk = y + height;
    y += height + BETWEEN;
    const below = drawDevices(device.children, { ...place, x: place.x + INDENT, y });
    if (device.children.length > 0) parts.push(...wires(device.children, place.x + 10, trunk, y));
    parts.push(...below.parts);
    y = below.end;
  }
  return { parts, end: y };
}

/** From under a bridge to the middle of each card behind it. */
function wires(
  children: readonly TopologyDevice[],
  x: number,
  from: number,
  top: number,
): readonly string[] {
  let y = top;
  return children.map((child) => {
    const height = isBridge(child) ? BRIDGE : CARD;
    const line = path(`M${x} ${from}V${y + height / 2}H${x + INDENT - 10}`, 'wire');
    y += heightOf(child);
    return line;
  });
}

function heightOf(device: TopologyDevice): number {
  const own = (isBridge(device) ? BRIDGE : CARD) + BETWEEN;
  return device.children.reduce((sum, child) => sum + heightOf(child), own);
}

function drawCard(
  device: TopologyDevice,
  { x, y, right }: Place,
  height: number,
): readonly string[] {
  const { address, name, driver, iommuGroup, isInMixedGroup } = device;
  const group = iommuGroup === undefined ? 'no group' : `group ${iommuGroup}`;
  const room = right - x - 20 - ASIDE;
  const head = `${address} ${kindWords(device)}`;
  const aside = textAt(
    right - 10,
    y + 16,
    `right ${isInMixedGroup ? 'warn' : 'faint'}`,
    isInMixedGroup ? `${group} !` : group,
  );
  const box = { x, y, width: right - x, height };
  if (isBridge(device)) {
    const line = fitted(`${head} · ${name}`, room, CHARACTER);
    return [rect(box, 'bridge', 4), textAt(x + 10, y + 16, 'faint', line), aside];
  }
  const look = device.role === 'gpu' || device.role === 'nvswitch' ? 'gpu' : 'card';
  const use = useWords(device);
  const below = [name, driver ?? 'no driver', use].filter((text) => text !== '').join(' · ');
  return [
    rect(box, isInMixedGroup ? `${look} mixed` : look),
    textAt(x + 10, y + 16, 'strong', fitted(head, room, CHARACTER)),
    aside,
    textAt(
      x + 10,
      y + 32,
      device.runtime === undefined ? 'faint' : 'use',
      fitted(below, right - x - 20, CHARACTER),
    ),
  ];
}

function isBridge({ role }: TopologyDevice): boolean {
  return role === 'bridge' || role === 'root-port';
}

/** For those who cannot see the picture. */
function described({ sockets }: Topology, notes: readonly string[]): string {
  const lines = (devices: readonly TopologyDevice[]): readonly string[] =>
    devices.flatMap((device) => [
      ...(isBridge(device) ? [] : [`${device.address} ${kindWords(device)} ${device.name}`]),
      ...lines(device.children),
    ]);
  const nodes = sockets.flatMap(({ nodes: own }) =>
    own.map((node) => `${nodeWords(node)}: ${lines(node.devices).join('; ') || 'no devices'}.`),
  );
  return [...nodes, ...notes].join(' ');
}

function wrapped(lines: readonly string[], width: number): readonly string[] {
  return lines.flatMap((line) => {
    const out: string[] = [];
    let rest = line;
    while (rest.length > width) {
      const at = rest.lastIndexOf(' ', width);
      const end = at <= 0 ? width : at;
      out.push(rest.slice(0, end));
      rest = `  ${rest.slice(end).trimStart()}`;
    }
    return [...out, rest];
  });
}
