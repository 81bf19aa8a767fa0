import { visible } from '../control-characters.ts';
import { millisecondsAt } from '../instant.ts';
import type { Drift } from '../plan/drift.ts';
import { attentionHuman, needYou } from './attention-human.ts';
import type { GpuStatus } from './gpu-status.ts';
import type { RuntimeState } from './runtime-state.ts';
import type { RuntimeStatus } from './runtime-status.ts';
import type { Status } from './status.ts';
import type { Style } from './style.ts';
import { type Cell, type Column, table } from './table.ts';
import { age, amount } from './units-human.ts';
import { wrap } from './wrap.ts';

export type Shown = {
  readonly style: Style;
  /** Of the terminal; undefined where nothing is to be cut or broken. */
  readonly width: number | undefined;
};

/** What needs somebody first, then one row a runtime, what to type, and what an operator has made otherwise. */
export function statusHuman(status: Status, { style, width }: Shown): string {
  const notes = [...status.drift.flatMap(chosen), ...status.runtimes.flatMap(dropIns)];
  const blocks = [
    [...unfinished(status, style), ...needYou(status, style)],
    runtimes(status, { style, width }),
    attentionHuman(status.attention, { style, width }),
    [...notes, `generation ${status.generation}, from ${visible(status.config)}`].flatMap((line) =>
      wrap(line, width, '  '),
    ),
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function unfinished({ attention }: Status, style: Style): readonly string[] {
  return attention
    .filter(({ subject }) => subject === 'vllmd')
    .map(({ code, text, commands: [advice] }) => {
      const colour = code === 'interrupted' ? style.red : style.yellow;
      const help = advice === undefined ? '' : `: \`${advice.command}\` ${advice.why}`;
      return colour(text) + help;
    });
}

/** What goes first where a terminal is narrow has the lowest rank. */
const titles: readonly Column[] = [
  { title: 'INDEX' },
  { title: 'NAME', least: 8 },
  { title: 'STATE' },
  { title: 'SINCE', rank: 4 },
  { title: 'PID', rank: 1 },
  { title: 'GPUS', rank: 5 },
  { title: 'MEMORY', rank: 2 },
  { title: 'ADDRESS', rank: 3 },
  { title: 'NOTES', least: 15, breaks: true },
];

function runtimes(status: Status, { style, width }: Shown): readonly string[] {
  if (status.runtimes.length === 0) return ['no runtimes'];
  const rows = status.runtimes.map((runtime) => row(runtime, status, style));
  const { lines, leftOut } = table(titles, rows, width, style.bold);
  if (leftOut.length === 0) return lines;
  const missing = `no room for ${leftOut.join(', ')}: widen the terminal, or \`sudo vllmd status | cat\``;
  return [...lines, ...wrap(missing, width).map(style.dim)];
}

function row(runtime: RuntimeStatus, status: Status, style: Style): readonly Cell[] {
  const { index, name, state, since, main_pid, devices, gpus } = runtime;
  const begin = since === null ? undefined : millisecondsAt(since);
  const now = millisecondsAt(status.at) ?? 0;
  return [
    String(index),
    visible(name) || '?',
    colourOf(state, style)(state),
    begin === undefined ? '-' : age(now - begin),
    main_pid === 0 ? '-' : String(main_pid),
    gpus.length === 0 ? '-' : devices.map((device) => gpu(device, style)),
    memory(runtime),
    address(runtime, status),
    remarks(runtime, status.drift),
  ];
}

function colourOf(state: RuntimeState, style: Style): (text: string) => string {
  switch (state) {
    case 'running':
      return style.green;
    case 'starting':
    case 'stopping':
      return style.cyan;
    case 'stopped':
    case 'masked':
      return style.dim;
    case 'failed':
    case 'failing':
    case 'not started':
      return style.red;
    case 'unknown':
      return style.yellow;
    default:
      return state satisfies never;
  }
}

/** A driver that passes nothing on to a VM stands out. */
function gpu({ address, present, driver, is_vfio }: GpuStatus, style: Style): string {
  const what = present ? (driver ?? 'no driver') : 'not there';
  return `${address} ${is_vfio ? what : style.yellow(visible(what))}`;
}

/** Huge pages are reserved for the guest, and no part of what its unit is seen to use. */
function memory({
  memory_bytes: bytes,
  memory_used_bytes: used,
  hugepages,
}: RuntimeStatus): string {
  if (bytes === null) return '-';
  if (hugepages) return `${amount(bytes)} GiB huge pages`;
  return used === null ? `${amount(bytes)} GiB` : `${amount(used)}/${amount(bytes)} GiB`;
}

function address({ address: fixed, mac }: RuntimeStatus, { network }: Status): string {
  if (fixed !== null) return visible(fixed);
  return mac !== null && network.mode === 'bridge'
    ? `DHCP of ${visible(network.bridge ?? 'the bridge')}`
    : '-';
}

function remarks(runtime: RuntimeStatus, drift: readonly Drift[]): readonly string[] {
  const { state, masked, enabled, pending, running } = runtime;
  const isEdited = drift.some(({ kind, group }) => group === runtime.index && edits.has(kind));
  return [
    pending ? 'restart pending' : '',
    running === 'unknown' ? 'started from unknown files' : '',
    hasVm.has(state) && runtime.values_of === 'next start' ? 'shown as after a restart' : '',
    masked && state !== 'masked' ? 'masked' : '',
    enabled ? '' : 'disabled',
    state === 'stopped' && enabled ? whyStopped(runtime) : '',
    isEdited ? 'changed by hand' : '',
  ].filter(Boolean);
}

const hasVm: ReadonlySet<RuntimeState> = new Set(['running', 'starting', 'stopping'] as const);

/** '' where nothing is known of it. */
function whyStopped(runtime: RuntimeStatus): string {
  if (runtime.stopped_by_operator) return 'stopped by operator or guest';
  return runtime.not_started_since_boot ? 'not started since boot' : '';
}

const edits: ReadonlySet<Drift['kind']> = new Set([
  ...(['edited', 'missing', 'replaced', 'mode', 'owner', 'redirected'] as const),
]);

/** What somebody has decided, and the table does not say. */
function chosen({ kind, path }: Drift): readonly string[] {
  if (kind === 'pinned') return [`kept as you have it: ${path}`];
  return kind === 'masked' && !isRuntimeMask(path) ? [`masked: ${path}`] : [];
}

function isRuntimeMask(path: string): boolean {
  return /vllmd-runtime@\d+\.service$/.test(path);
}

function dropIns({ unit, drop_ins }: RuntimeStatus): readonly string[] {
  return drop_ins.map((path) => `your drop-in: ${visible(path)} (${unit})`);
}
