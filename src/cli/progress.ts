import { visibleLines } from '../core/control-characters.ts';
import { describeReason } from '../core/report/reasons.ts';
import { runtimesInWords } from '../core/report/runtimes-in-words.ts';
import type { Operation } from '../core/transaction/journal.ts';
import type { ApplyEvent } from '../host/apply-event.ts';
import type { Output } from '../host/world.ts';

type Copying = Extract<ApplyEvent, { kind: 'copying' }>;

/** Says what an install is doing: a line a step, and on a terminal how far a copy has come. */
export function progressOn(
  output: Output,
  operation: Operation = 'install',
): (event: ApplyEvent) => void {
  const copies = output.isTerminal ? inPlace : onceEach;
  let wasCopying = false;
  return (event) => {
    const isCopying = event.kind === 'copying';
    output.write(
      isCopying ? copies.show(event, wasCopying) : copies.end(wasCopying) + line(event, operation),
    );
    wasCopying = isCopying;
  };
}

/** Each figure over the last one. */
const inPlace = {
  show: (event: Copying, isMore: boolean) => {
    const { copy, doneBytes } = event;
    const percent = copy.totalBytes === 0 ? 100 : Math.floor((100 * doneBytes) / copy.totalBytes);
    return `${isMore ? '\r' : ''}${copyLine(event)}, ${String(percent).padStart(3)} %`;
  },
  end: (wasCopying: boolean) => (wasCopying ? '\n' : ''),
};

const onceEach = {
  show: (event: Copying, isMore: boolean) => (isMore ? '' : `${copyLine(event)}\n`),
  end: () => '',
};

function copyLine({ copy }: Copying): string {
  const total = (copy.totalBytes / 2 ** 30).toFixed(1);
  return `  copying the base image for runtime ${copy.index}: ${total} GiB`;
}

function line(event: Exclude<ApplyEvent, Copying>, operation: Operation): string {
  switch (event.kind) {
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
      return `going back: ${runtimes.length === 0 ? 'what all share' : runtimesInWords(runtimes)}\n`;
    }
    default:
      return event satisfies never;
  }
}
