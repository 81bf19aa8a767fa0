import { visibleLines } from '../core/control-characters.ts';
import { exitCodes, VllmdError } from '../core/failure.ts';
import { isSameStatus } from '../core/report/same-status.ts';
import type { Status } from '../core/report/status.ts';
import type { Interrupts } from '../host/interrupts.ts';
import type { World } from '../host/world.ts';
import { during, READING } from './during.ts';
import { lookAtStatus, statusText } from './look-at-status.ts';
import { screenOn } from './screen.ts';
import { styleFor } from './style-for.ts';

export type WatchOptions = { readonly json: boolean; readonly intervalMs: number };

/** How soon a key, a signal and another size of the terminal are seen. */
const SLICE_MS = 100;
const CTRL_C = '\u0003';

/**
 * Looks again and again: on a terminal in one place, elsewhere at each change. Ends with q and Ctrl-C, which is success:
 * nothing was cut short.
 */
export async function watchStatus(options: WatchOptions, world: World): Promise<number> {
  const interrupts = world.interrupts();
  const isInPlace = !options.json && world.stdout.isTerminal;
  let isLeft = false;
  const pressed = (key: string) => {
    if (key === 'q' || key === 'Q' || key === CTRL_C) isLeft = true;
  };
  // Behind a pipe the keys are the pager's, and who takes them in the background is stopped by the terminal.
  const stopKeys = isInPlace ? world.onKey(pressed) : () => undefined;
  const isOver = () =>
    isLeft || interrupts.received() !== undefined || interrupts.hasHungUp() || isGone(world);
  const view = isInPlace ? inPlace(world) : appending(options, world);
  try {
    await lookAgain(options.intervalMs, { view, isOver }, world);
  } finally {
    view.leave();
    stopKeys();
    interrupts.stop();
  }
  return codeOf(interrupts);
}

/** Whoever has read what is printed does not do so any more. */
function isGone({ stdout }: World): boolean {
  return stdout.isGone === true;
}

function codeOf(interrupts: Interrupts): number {
  return interrupts.received() === 'SIGTERM' ? exitCodes.terminated : exitCodes.ok;
}

type View = {
  readonly show: (status: Status, problem: string | undefined) => void;
  readonly leave: () => void;
};

async function lookAgain(
  intervalMs: number,
  { view, isOver }: { readonly view: View; readonly isOver: () => boolean },
  world: World,
): Promise<void> {
  // The first look fails as every command does.
  let status = await during(world, READING, () => lookAtStatus(world));
  let problem: string | undefined;
  while (!isOver()) {
    view.show(status, problem);
    await untilNext(intervalMs, () => view.show(status, problem), isOver, world);
    if (isOver()) return;
    try {
      status = await lookAtStatus(world);
      problem = undefined;
    } catch (error) {
      // systemd does not answer for a moment, or the record is being written.
      if (!(error instanceof VllmdError)) throw error;
      problem = visibleLines(error.message);
    }
  }
}

/** In slices, so that nobody waits for the end of it. */
async function untilNext(
  intervalMs: number,
  redraw: () => void,
  isOver: () => boolean,
  { stdout, now, wait }: World,
): Promise<void> {
  const size = () => `${stdout.columns}x${stdout.rows}`;
  const endMs = now() + intervalMs;
  let before = size();
  while (now() < endMs && !isOver()) {
    await wait(Math.min(SLICE_MS, endMs - now()));
    if (size() !== before) redraw();
    before = size();
  }
}

function inPlace(world: World): View {
  const screen = screenOn(world.stdout);
  const { dim, yellow } = styleFor(world.stdout);
  return {
    show: (status, problem) => {
      const lines = statusText(status, world).trimEnd().split('\n');
      const notes = [
        ...(status.busy === null ? [] : [yellow(`${status.busy} is changing this host`)]),
        // What a program said can have several lines; the screen counts them.
        ...(problem === undefined ? [] : `cannot look again: ${problem}`.split('\n').map(yellow)),
      ];
      const foot = dim(`as of ${status.at.slice(11, 19)} UTC; q ends`);
      screen.draw([...notes, ...lines, '', foot]);
    },
    leave: screen.leave,
  };
}

/** For logs and programs: a block, or a line of JSON, at each change. */
function appending({ json }: WatchOptions, world: World): View {
  const { stdout, stderr } = world;
  let last: Status | undefined;
  let lastProblem: string | undefined;
  return {
    show: (status, problem) => {
      if (problem !== undefined && problem !== lastProblem) stderr.write(`warning: ${problem}\n`);
      lastProblem = problem;
      if (problem !== undefined || (last !== undefined && isSameStatus(last, status))) return;
      const text = statusText(status, world);
      const head = last === undefined ? '' : '\n';
      stdout.write(json ? `${JSON.stringify(status)}\n` : `${head}${status.at}\n${text}`);
      last = status;
    },
    leave: () => {},
  };
}
