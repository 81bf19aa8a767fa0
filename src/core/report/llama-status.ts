import { diskDigests } from '../plan/disk-digests.ts';
import { type Drift, drifted } from '../plan/drift.ts';
import { installedMembers } from '../plan/installed.ts';
import type { Manifest } from '../plan/manifest.ts';
import { isActive, isFailed, type Observed } from '../plan/observed.ts';
import { runningDigests } from '../plan/running.ts';
import { llamaLayer } from '../resolve/layer.ts';
import { memberDropIn, memberName, memberUnit } from '../resolve/member.ts';
import { columns } from './columns.ts';
import { FORMAT_VERSION } from './format-version.ts';
import { compared } from './runtime-status.ts';
import type { Unfinished } from './status.ts';
import type { Style } from './style.ts';

type InstanceStatus = {
  readonly name: string;
  readonly unit: string;
  readonly active_state: string;
  readonly sub_state: string;
  readonly failed: boolean;
  /** It runs with an older definition than the one on the disk. */
  readonly pending: boolean;
  /** null while it does not run. */
  readonly pid: number | null;
  /** How often systemd has started it again by itself. */
  readonly restarts: number;
  /** Where it is asked whether it is up; null where its drop-in does not say. */
  readonly health: string | null;
};

export type LlamaStatus = Unfinished & {
  readonly format_version: string;
  readonly ok: true;
  readonly generation: number;
  readonly config: string;
  readonly instances: readonly InstanceStatus[];
  readonly drift: readonly Drift[];
};

/** What is installed of llama.cpp and how it runs. */
export function llamaStatusOf(
  manifest: Manifest,
  observed: Observed,
  unfinished: Unfinished,
): LlamaStatus {
  const running = runningDigests(manifest.units, observed);
  const onDisk = diskDigests(manifest, observed, llamaLayer);
  return {
    format_version: FORMAT_VERSION,
    ok: true,
    ...unfinished,
    generation: manifest.generation,
    config: manifest.config.path,
    instances: installedMembers(manifest, observed.entries).map(({ index }) => {
      const unit = memberUnit(index);
      const state = observed.units.get(unit);
      const digests = { running: running.get(unit), onDisk: onDisk.get(unit) };
      const dropIn = observed.entries.get(memberDropIn(index));
      return {
        name: String(memberName(index)),
        unit,
        active_state: state?.activeState ?? 'unknown',
        sub_state: state?.subState ?? 'unknown',
        failed: isFailed(state),
        pending: isActive(state) && compared(digests) === 'older',
        pid: state === undefined || state.mainPid === 0 ? null : state.mainPid,
        restarts: state?.restarts ?? 0,
        health: dropIn?.type === 'file' ? healthOf(dropIn.text) : null,
      };
    }),
    drift: drifted(manifest, observed),
  };
}

const WORD = '("(?:[^"\\\\]|\\\\.)*"|\\S+)';
const CHECK = new RegExp(
  `^ExecStartPost=:\\S+/llama-health (http|https|unix) ${WORD} (\\d+) ${WORD}`,
  'm',
);

/** From the words of the command that waits for it: see `healthCheckOf`. */
function healthOf(dropIn: string): string | null {
  const [, kind, address = '', port, prefix = ''] = CHECK.exec(dropIn) ?? [];
  if (kind === undefined) return null;
  const host = plain(address);
  if (kind === 'unix') return `unix:${host} ${plain(prefix)}/health`;
  return `${kind}://${host.includes(':') ? `[${host}]` : host}:${port}${plain(prefix)}/health`;
}

function plain(word: string): string {
  const text = word.startsWith('"') ? word.slice(1, -1).replace(/\\(.)/g, '$1') : word;
  return text.replaceAll('%%', '%');
}

/** For people: a line an instance, then what is not as it was installed. */
export function llamaStatusHuman(status: LlamaStatus, style: Style): string {
  const { instances, drift, interrupted, generation, config } = status;
  const rows = instances.map((one) => [
    one.name,
    `${one.active_state} (${one.sub_state})${one.pending ? ', restart pending' : ''}`,
    one.pid === null ? '-' : String(one.pid),
    String(one.restarts),
    one.health ?? '-',
  ]);
  const head = ['INSTANCE', 'STATE', 'PID', 'RESTARTS', 'HEALTH'];
  const lines = [
    style.bold(`generation ${generation}, from ${config}`),
    ...columns([head, ...rows]),
    ...drift.map(({ path, detail }) => `${path}: ${detail}`),
    ...(interrupted ? [`an install was cut off: sudo ${llamaLayer.command} recover`] : []),
  ];
  return `${lines.join('\n')}\n`;
}
