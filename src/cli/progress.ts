import { visibleLines } from '../core/control-characters.ts';
import { describeReason } from '../core/report/reasons.ts';
import { elapsed } from '../core/report/units-human.ts';
import { membersInWords } from '../core/resolve/member.ts';
import { POWER_OFF_S } from '../core/resolve/power-off.ts';
import type { Operation } from '../core/transaction/journal.ts';
import type { ApplyEvent } from '../host/apply-event.ts';
import type { World } from '../host/world.ts';

type Telling = Pick<World, 'stderr' | 'notes' | 'doing'>;

export type Progress = {
  readonly on: (event: ApplyEvent) => void;
  /** Nothing goes on any more. */
  readonly end: () => void;
};

/** Says what an install is doing: a line a step, and on a terminal how far the step has come. */
export function progressOn(world: Telling, operation: Operation = 'install'): Progress {
  let stop = () => {};
  let copiedBytes: number | undefined;
  const end = () => {
    stop();
    stop = () => {};
    copiedBytes = undefined;
  };
  return {
    end,
    on: (event) => {
      const isMore = event.kind === 'copying' && copiedBytes !== undefined;
      if (!isMore) {
        end();
        const output = ofFailure.has(event.kind) ? world.stderr : world.notes;
        output.write(line(event, operation));
      }
      if (event.kind === 'copying') copiedBytes = event.doneBytes;
      if (isMore) return;
      stop = begin(event, world, () => copiedBytes ?? 0);
    },
  };
}

const ofFailure: ReadonlySet<ApplyEvent['kind']> = new Set(['failed', 'kept-failed', 'not-kept']);

/** What a step is while it lasts. */
function begin(event: ApplyEvent, { doing }: Telling, doneBytes: () => number): () => void {
  if (event.kind === 'action') {
    const { verb, unit } = event.action;
    const what = unit === undefined ? verb : `${verb} ${unit}`;
    return doing(what, { isTold: true, ...(endsVm(verb, unit) && { detail: ofGuestTime }) });
  }
  if (event.kind === 'copying') {
    const { index, totalBytes } = event.copy;
    const percent = () => (totalBytes === 0 ? 100 : Math.floor((100 * doneBytes()) / totalBytes));
    const detail = () => `${percent()} %`;
    return doing(`copying the base image for runtime ${index}`, { isTold: true, detail });
  }
  if (event.kind === 'settling') {
    const detail = (passedMs: number) => `${elapsed(event.settleMs - passedMs)} to go`;
    return doing('waiting whether it stays up', { isTold: true, detail });
  }
  return () => {};
}

function endsVm(verb: string, unit = ''): boolean {
  return (verb === 'stop' || verb === 'restart') && unit.startsWith('vllmd-runtime@');
}

function ofGuestTime(passedMs: number): string {
  return `${elapsed(passedMs)}; a guest has ${POWER_OFF_S} s to power off`;
}

function line(event: ApplyEvent, operation: Operation): string {
  switch (event.kind) {
    case 'copying': {
      const { index, totalBytes } = event.copy;
      const total = (totalBytes / 2 ** 30).toFixed(1);
      return `  copying the base image for runtime ${index}: ${total} GiB\n`;
    }
    case 'files':
      return `writing: ${event.count} ${event.count === 1 ? 'change' : 'changes'}\n`;
    case 'action': {
      const { verb, unit, reason } = event.action;
      const what = unit === undefined ? verb : `${verb} ${unit}`;
      return `[${event.n}/${event.of}] ${what}: ${describeReason(reason, operation)}\n`;
    }
    case 'settling':
      return `waiting: whether ${event.units.join(' ')} stays up\n`;
    case 'failed': {
      const { message, journal } = event.failure;
      const lines = journal === '' ? [] : visibleLines(journal).split('\n');
      return `error: ${visibleLines(message)}\n${lines.map((text) => `  | ${text}\n`).join('')}`;
    }
    case 'kept-failed':
      return `its files and its journal are kept in ${event.directory}\n`;
    case 'not-kept':
      return `note: its files could not be kept for a look: ${visibleLines(event.why)}\n`;
    case 'undoing': {
      const { runtimes } = event;
      return `going back: ${runtimes.length === 0 ? 'what all share' : membersInWords(runtimes)}\n`;
    }
    default:
      return event satisfies never;
  }
}
