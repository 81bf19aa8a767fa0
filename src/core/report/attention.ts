import { blockerInWords } from '../plan/blocked.ts';
import type { Drift } from '../plan/drift.ts';
import { vfioUnit } from '../resolve/layout.ts';
import type { GpuStatus } from './gpu-status.ts';
import type { RuntimeStatus } from './runtime-status.ts';
import type { Status, UnitStatus } from './status.ts';

/** Something to type, and what for. */
export type Advice = { readonly command: string; readonly why: string };

/** One thing that needs somebody. What an operator has chosen himself, a stop or a mask, does not. */
export type Attention = {
  /** A stable code. */
  readonly code: string;
  /** A path, a unit, or `vllmd`. */
  readonly subject: string;
  /** The runtime that it is about; null for what they share. */
  readonly runtime: number | null;
  readonly text: string;
  readonly commands: readonly Advice[];
};

/** A GPU of a runtime, by its index. */
export type HeldGpu = { readonly index: number; readonly gpu: GpuStatus };

type Looked = Pick<Status, 'interrupted' | 'unconfirmed' | 'runtimes' | 'units' | 'drift'> & {
  /** GPUs that runtimes have from their next start on. */
  readonly waiting: readonly HeldGpu[];
};

/** Worst first. */
export function attentionOf({
  runtimes,
  units,
  drift,
  waiting,
  ...unfinished
}: Looked): readonly Attention[] {
  const active = new Set(units.filter(isActive).map(({ unit }) => unit));
  const edits = drift.filter(isEdit);
  const blockers = new Set(runtimes.map(({ blocked_by: blocker }) => blocker));
  return [
    ...ofInstall(unfinished),
    ...runtimes.flatMap(ofRuntime),
    // What has kept a runtime from starting is told with that, and starts with it.
    ...units.filter(({ unit, failed }) => failed && !blockers.has(unit)).map(ofFailedUnit),
    ...strayed(runtimes, waiting, active).map(ofDevice),
    // An install is refused until it is settled what becomes of edits, so they come before what needs one.
    ...edits.flatMap((edit) => ofDrift(edit, edits)),
    ...drift.filter((one) => !isEdit(one)).flatMap((one) => ofDrift(one, edits)),
    ...[...runtimes, ...units].filter(({ pending }) => pending).map((one) => ofPending(one, edits)),
  ];
}

/** What an install overwrites only when it is told to. */
function isEdit({ kind }: Drift): boolean {
  return kind === 'edited' || kind === 'replaced' || kind === 'redirected';
}

function isActive({ active_state }: UnitStatus): boolean {
  return active_state === 'active';
}

function ofInstall({
  interrupted,
  unconfirmed,
}: Pick<Status, 'interrupted' | 'unconfirmed'>): readonly Attention[] {
  const base = { subject: 'vllmd', runtime: null };
  const cutOff = {
    ...base,
    code: 'interrupted',
    text: 'an install was interrupted',
    commands: [{ command: 'sudo vllmd recover', why: 'finishes or undoes it' }],
  };
  const waits = {
    ...base,
    code: 'unconfirmed',
    text: 'the last install waits to be confirmed',
    commands: [{ command: 'sudo vllmd confirm', why: 'keeps it' }],
  };
  return [...(interrupted ? [cutOff] : []), ...(unconfirmed ? [waits] : [])];
}

function ofRuntime(runtime: RuntimeStatus): readonly Attention[] {
  const { index, unit, state, result, restarts, blocked_by: blocker } = runtime;
  if (state === 'unknown') return [ofUnknown(runtime)];
  const base = { subject: unit, runtime: index };
  const again = { command: `sudo systemctl restart ${unit}`, why: 'once the cause is gone' };
  const why = result === null || result === 'success' ? '' : ` (${result})`;
  if (state === 'failed') {
    const text = `runtime ${index} has failed${why}`;
    return [{ ...base, code: 'failed', text, commands: [journal(unit), again] }];
  }
  if (state === 'failing') {
    const text = `runtime ${index} fails${why}, and systemd starts it again${times(restarts)}`;
    const stop = { command: `sudo systemctl stop ${unit}`, why: 'ends that' };
    return [{ ...base, code: 'failing', text, commands: [journal(unit), stop] }];
  }
  if (state !== 'not started' || blocker === null) return [];
  const text = `runtime ${index} did not start: ${blockerInWords(blocker)}`;
  const isUnit = blocker.includes('.');
  const look = isUnit
    ? journal(blocker)
    : { command: `systemctl status ${unit}`, why: 'which path was not there' };
  const start = { command: `sudo systemctl start ${unit}`, why: 'once that is cured' };
  return [{ ...base, code: 'not-started', text, commands: [look, start] }];
}

function ofUnknown({ index, unit, active_state: told }: RuntimeStatus): Attention {
  const why = told === 'unknown' ? 'systemd does not tell' : `systemd says ${told}`;
  const text = `the state of runtime ${index} is not known: ${why}`;
  const look = { command: `systemctl status ${unit}`, why: 'whether systemd answers, and what' };
  return { code: 'unknown', subject: unit, runtime: index, text, commands: [look] };
}

function times(restarts: number): string {
  return restarts === 0 ? '' : `: ${restarts} ${restarts === 1 ? 'time' : 'times'} so far`;
}

function journal(unit: string): Advice {
  return { command: `journalctl -u ${unit} -n 50`, why: 'what it said last' };
}

function ofFailedUnit({ unit, sub_state }: UnitStatus): Attention {
  return {
    code: 'failed',
    subject: unit,
    runtime: null,
    text: `${unit} has failed${sub_state === 'failed' ? '' : ` (${sub_state})`}`,
    commands: [
      journal(unit),
      { command: `sudo systemctl start ${unit}`, why: 'once the cause is gone' },
    ],
  };
}

/**
 * GPUs that a VM has, or that their units have bound for one, and that are elsewhere by now. What a VM gets with its next
 * start only it does not have yet.
 */
function strayed(
  runtimes: readonly RuntimeStatus[],
  waiting: readonly HeldGpu[],
  active: ReadonlySet<string>,
): readonly HeldGpu[] {
  const shown = runtimes.flatMap(({ index, state, values_of, devices }) =>
    devices.map((gpu) => ({ index, gpu, isInVm: state === 'running' && values_of === 'running' })),
  );
  return [...shown, ...waiting.map((held) => ({ ...held, isInVm: false }))]
    .filter(({ gpu }) => !(gpu.present && gpu.is_vfio))
    .filter(({ gpu, isInVm }) => isInVm || active.has(vfioUnit(gpu.address)));
}

function ofDevice({ index: runtime, gpu: { address, present, driver } }: HeldGpu): Attention {
  const unit = vfioUnit(address);
  const has = driver === null ? 'no driver' : `the driver ${driver}`;
  return {
    code: present ? 'device-driver' : 'device-gone',
    subject: address,
    runtime,
    text: present
      ? `GPU ${address} of runtime ${runtime} has ${has}, not vfio-pci`
      : `GPU ${address} of runtime ${runtime} is not on the PCI bus any more`,
    commands: present
      ? [journal(unit), { command: `sudo systemctl reload ${unit}`, why: 'binds it again' }]
      : [{ command: `journalctl -k -g ${address}`, why: 'what the kernel says of it' }],
  };
}

function ofPending(status: RuntimeStatus | UnitStatus, edits: readonly Drift[]): Attention {
  const { unit } = status;
  const base = { code: 'restart-pending', subject: unit };
  if (!('index' in status)) {
    const text = `restart pending: ${unit} runs with another definition than its files have`;
    return { ...base, runtime: null, text, commands: [install('brings it up to date', edits)] };
  }
  const { index } = status;
  if (edits.some(({ group }) => group === index || group === 'shared')) {
    const text = `restart pending: runtime ${index} would start with what was changed by hand`;
    return { ...base, runtime: index, text, commands: [LOOK] };
  }
  const restart = {
    command: `sudo systemctl restart ${unit}`,
    why: 'takes the new one; the guest is powered off and on',
  };
  const text = `restart pending: runtime ${index} runs with an older definition`;
  return { ...base, runtime: index, text, commands: [restart] };
}

const LOOK: Advice = {
  command: 'sudo vllmd install --dry-run',
  why: 'shows the difference, and what settles it',
};
function install(why: string, edits: readonly Drift[]): Advice {
  const first = edits.length === 0 ? '' : ', once what was changed by hand is settled';
  return { command: 'sudo vllmd install', why: why + first };
}

function ofDrift(
  { kind, path, group, detail }: Drift,
  edits: readonly Drift[],
): readonly Attention[] {
  const base = { code: kind, subject: path, runtime: typeof group === 'number' ? group : null };
  switch (kind) {
    case 'edited':
      return [{ ...base, text: `changed by hand: ${path}`, commands: [LOOK] }];
    case 'replaced':
    case 'redirected':
      return [{ ...base, text: `changed by hand: ${path}: ${detail}`, commands: [LOOK] }];
    case 'missing':
    case 'mode':
    case 'owner':
      return [
        {
          ...base,
          text: `changed by hand: ${path}: ${detail}`,
          commands: [install('puts that right', edits)],
        },
      ];
    case 'pinned':
    case 'disabled':
    case 'masked':
      return [];
    default:
      return kind satisfies never;
  }
}
