import { sha256, startDigests } from '../plan/digest.ts';
import type { Manifest, ManifestFile } from '../plan/manifest.ts';
import { absent, type Entry, type Observed } from '../plan/observed.ts';
import { type Artefact, ROOT } from '../render/artefact.ts';
import { ETC_DIR, runtimeUnit, TARGET_UNIT, UNIT_DIR } from '../resolve/layout.ts';
import { columns } from './columns.ts';
import { FORMAT_VERSION } from './format-version.ts';
import type { Style } from './style.ts';

type RuntimeStatus = {
  readonly index: number;
  readonly name: string;
  readonly gpus: readonly string[];
  readonly memory: string;
  readonly cpus: number;
  readonly unit: string;
  readonly active_state: string;
  readonly sub_state: string;
  readonly main_pid: number;
  /** Starts at boot. */
  readonly enabled: boolean;
  /** Its definition on the disk is not the one that it was last started with. */
  readonly pending: boolean;
};

export type Status = {
  readonly format_version: string;
  readonly generation: number;
  readonly config: string;
  readonly runtimes: readonly RuntimeStatus[];
  /** Paths that are no longer as vllmd wrote them. */
  readonly drifted: readonly string[];
};

/** What is installed and how it runs, from the record of the last install and what is there now. */
export function statusOf(manifest: Manifest, observed: Observed): Status {
  const indices = manifest.files
    .filter((file) => file.kind === 'dropin' && file.group !== 'shared')
    .map((file) => Number(file.group))
    .sort((a, b) => a - b);
  const started = new Map(manifest.units.map((unit) => [unit.name, unit.startDigest]));
  const onDisk = new Map(
    startDigests(manifest.files.map((file) => asArtefact(file, observed))).map((entry) => [
      entry.unit,
      entry.digest,
    ]),
  );
  return {
    format_version: FORMAT_VERSION,
    generation: manifest.generation,
    config: manifest.config.path,
    runtimes: indices.map((index) => {
      const unit = runtimeUnit(index);
      const pending = onDisk.get(unit) !== started.get(unit);
      return runtimeStatus(index, pending, observed);
    }),
    drifted: [
      ...manifest.files.filter((file) => isDrifted(file, observed)).map(({ path }) => path),
    ],
  };
}

function runtimeStatus(index: number, pending: boolean, observed: Observed): RuntimeStatus {
  const unit = runtimeUnit(index);
  const state = observed.units.get(unit);
  const env = environment(entryAt(`${ETC_DIR}/runtime-${index}.env`, observed));
  const link = entryAt(`${UNIT_DIR}/${TARGET_UNIT}.wants/${unit}`, observed);
  return {
    index,
    name: env.get('VLLMD_RUNTIME_NAME') ?? '',
    gpus: (env.get('VLLMD_RUNTIME_GPUS') ?? '').split(',').filter(Boolean),
    memory: env.get('VLLMD_RUNTIME_MEMORY') ?? '',
    cpus: Number(env.get('VLLMD_RUNTIME_CPUS') ?? 0),
    unit,
    active_state: state?.activeState ?? 'unknown',
    sub_state: state?.subState ?? 'unknown',
    main_pid: state?.mainPid ?? 0,
    enabled: link.type === 'link',
    pending,
  };
}

export function statusHuman(status: Status, style: Style): string {
  const rows = status.runtimes.map((runtime) => [
    String(runtime.index),
    runtime.name,
    `${runtime.active_state} (${runtime.sub_state})`,
    runtime.main_pid === 0 ? '-' : String(runtime.main_pid),
    runtime.gpus.join(',') || '-',
    runtime.memory,
    String(runtime.cpus),
    [runtime.enabled ? '' : 'disabled', runtime.pending ? 'restart pending' : '']
      .filter(Boolean)
      .join(', '),
  ]);
  const head = ['INDEX', 'NAME', 'STATE', 'PID', 'GPUS', 'MEMORY', 'CPUS', ''];
  const table = rows.length === 0 ? ['no runtimes'] : columns([head, ...rows]);
  const drift = status.drifted.map((path) => `${style.yellow('changed by hand')}: ${path}`);
  return [...table, ...drift, `generation ${status.generation}, from ${status.config}`, ''].join(
    '\n',
  );
}

function asArtefact(file: ManifestFile, observed: Observed): Artefact {
  const entry = entryAt(file.path, observed);
  return {
    type: 'file',
    path: file.path,
    kind: file.kind,
    group: file.group,
    source: '',
    text: entry.type === 'file' ? entry.text : '',
    mode: 0,
    owner: ROOT,
    sensitive: file.secret,
  };
}

function isDrifted(file: ManifestFile, observed: Observed): boolean {
  const entry = entryAt(file.path, observed);
  if (entry.type === 'hidden') return false;
  return entry.type !== 'file' || sha256(entry.text) !== file.sha256;
}

function entryAt(path: string, observed: Observed): Entry {
  return observed.entries.get(path) ?? absent;
}

/** Keys and values as `envValue` wrote them. */
function environment(entry: Entry): ReadonlyMap<string, string> {
  const lines = entry.type === 'file' ? entry.text.split('\n') : [];
  return new Map(
    lines
      .filter((line) => /^[A-Z]/.test(line))
      .map((line) => {
        const cut = line.indexOf('=');
        const value = line.slice(cut + 1);
        const isQuoted = value.startsWith('"');
        const plain = isQuoted ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value;
        return [line.slice(0, cut), plain];
      }),
  );
}
