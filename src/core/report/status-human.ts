import { visible } from '../control-characters.ts';
import { blockerInWords } from '../plan/blocked.ts';
import type { Drift } from '../plan/drift.ts';
import { columns } from './columns.ts';
import type { RuntimeStatus, Status, UnitStatus } from './status.ts';
import type { Style } from './style.ts';

/** What needs somebody first, then one line a runtime, then what differs. */
export function statusHuman(status: Status, style: Style): string {
  const head = ['INDEX', 'NAME', 'STATE', 'PID', 'GPUS', 'MEMORY', 'CPUS', ''];
  const rows = status.runtimes.map(row);
  const table = rows.length === 0 ? ['no runtimes'] : columns([head, ...rows]);
  return [
    ...unfinished(status, style),
    ...table,
    ...status.units.flatMap((unit) => unitLine(unit, style)),
    ...status.drift.flatMap((drift) => driftLine(drift, style)),
    ...status.runtimes.flatMap(({ unit, drop_ins }) =>
      drop_ins.map((path) => `your drop-in: ${visible(path)} (${unit})`),
    ),
    `generation ${status.generation}, from ${status.config}`,
    '',
  ].join('\n');
}

function unfinished({ interrupted, unconfirmed }: Status, style: Style): readonly string[] {
  return [
    interrupted
      ? `${style.red('an install was interrupted')}: \`sudo vllmd recover\` finishes or undoes it`
      : '',
    unconfirmed
      ? `${style.yellow('the last install waits to be confirmed')}: \`sudo vllmd confirm\` keeps it`
      : '',
  ].filter(Boolean);
}

function row(runtime: RuntimeStatus): readonly string[] {
  return [
    String(runtime.index),
    runtime.name,
    `${runtime.active_state} (${runtime.sub_state})`,
    runtime.main_pid === 0 ? '-' : String(runtime.main_pid),
    runtime.gpus.join(',') || '-',
    runtime.memory,
    String(runtime.cpus),
    remarks(runtime).join(', '),
  ];
}

function remarks(runtime: RuntimeStatus): readonly string[] {
  return [
    runtime.failed ? 'failed' : '',
    runtime.masked ? 'masked' : '',
    runtime.enabled ? '' : 'disabled',
    runtime.stopped_by_operator ? 'stopped by operator' : '',
    blocked(runtime),
    runtime.pending ? 'restart pending' : '',
    runtime.running === 'unknown' ? 'started from unknown files' : '',
  ].filter(Boolean);
}

function blocked({ blocked_by: blocker, unit }: RuntimeStatus): string {
  if (blocker === null) return '';
  return `not started: ${blockerInWords(blocker)}; see \`systemctl status ${unit}\``;
}

function unitLine({ unit, sub_state, failed, pending }: UnitStatus, style: Style) {
  if (failed)
    return `${style.red('failed')}: ${unit} (${sub_state}); see \`journalctl -u ${unit}\``;
  return pending ? `${style.yellow('restart pending')}: ${unit}` : [];
}

/** What the table says of a runtime is not said twice. */
function driftLine({ kind, path, detail }: Drift, style: Style): readonly string[] {
  if (kind === 'disabled' || (kind === 'masked' && isRuntimeMask(path))) return [];
  if (kind === 'masked') return [`${style.yellow('masked')}: ${path}`];
  if (kind === 'pinned') return [`kept as you have it: ${path}`];
  const how = kind === 'edited' ? '' : `: ${visible(detail)}`;
  return [`${style.yellow('changed by hand')}: ${path}${how}`];
}

function isRuntimeMask(path: string): boolean {
  return /vllmd-runtime@\d+\.service$/.test(path);
}
