import { visibleLines } from '../core/control-characters.ts';
import { exitCodes, VllmdError } from '../core/failure.ts';
import { isSameStatus } from '../core/report/same-status.ts';
import type { Status } from '../core/report/status.ts';
import type { World } from '../host/world.ts';
import { during, READING } from './during.ts';
import { lookAtStatus, statusText } from './look-at-status.ts';
import { screenOn } from './screen.ts';
import { styleFor } from './style-for.ts';
import { writeJsonLine } from './write-json.ts';

export type WatchOptions = { readonly json: boolean; readonly intervalMs: number };

/** How soon a key, a signal and another size of the terminal are seen. */
const SLICE_MS = 100;
const CTRL_C = '\u0003';

/**
 * Looks again and again: on a terminal in one place, elsewhere at each change. Ends with q and Ctrl-C, which is success:
 * nothing was cut short. So does one that nobody sees any more.
 */
export async function watchStatus(options: WatchOptions, world: World): Promise<number> {
  const interrupts = world.interrupts();
  const ending = new AbortController();
  const end = () => ending.abort();
  interrupts.onSignal(end);
  interrupts.onHangUp(end);
  const isInPlace = !options.json && world.stdout.isTerminal;
  const pressed = (key: string) => {
    if (key === 'q' || key === 'Q' || key === CTRL_C) end();
  };
  // Behind a pipe the keys are the pager's, and who takes them in the background is stopped by the terminal.
  const stopKeys = isInPlace ? world.onKey(pressed) : () => undefined;
  const stopReader = world.onUnread(end);
  const view = isInPlace ? inPlace(world) : appending(options, world);
  let hasLooked = false;
  try {
    hasLooked = await lookAgain(options.intervalMs, { view, over: ending.signal }, world);
  } finally {
    view.leave();
    stopKeys();
    stopReader();
    interrupts.stop();
  }
  if (interrupts.received() !== 'SIGTERM') return exitCodes.ok;
  if (hasLooked) return exitCodes.terminated;
  throw new VllmdError('terminated', 'SIGTERM came before this host could be looked at');
}

type View = {
  readonly show: (status: Status, problem: string | undefined) => void;
  readonly leave: () => void;
};

type Watch = { readonly view: View; readonly over: AbortSignal };

/** Whether anything was seen before it was over. */
async function lookAgain(
  intervalMs: number,
  { view, over }: Watch,
  world: World,
): Promise<boolean> {
  const look = () => unlessOver(over, lookAtStatus(cutOffBy(over, world)));
  // The first look fails as every command does.
  let status = await during(world, READING, look);
  let problem: string | undefined;
  const hasLooked = status !== undefined;
  while (status !== undefined) {
    const shown = status;
    view.show(shown, problem);
    await untilNext(intervalMs, () => view.show(shown, problem), over, world);
    if (isOver(over, world)) return hasLooked;
    try {
      status = await look();
      problem = undefined;
    } catch (error) {
      // systemd does not answer for a moment, or the record is being written.
      if (!(error instanceof VllmdError)) throw error;
      problem = visibleLines(error.message);
    }
  }
  return hasLooked;
}

/** A write that has failed says that nobody reads any more, also where nothing else does. */
function isOver(over: AbortSignal, { stdout }: World): boolean {
  return over.aborted || stdout.isGone === true;
}

function cutOffBy(over: AbortSignal, world: World): World {
  return { ...world, host: (root) => world.host(root, over) };
}

/** What work comes to, or undefined as soon as it is over: a program that hangs is not waited for. */
function unlessOver<Value>(over: AbortSignal, work: Promise<Value>): Promise<Value | undefined> {
  return new Promise((resolve, reject) => {
    const leave = () => resolve(undefined);
    if (over.aborted) leave();
    over.addEventListener('abort', leave, { once: true });
    void work.finally(() => over.removeEventListener('abort', leave)).then(resolve, reject);
  });
}

/** In slices, so that nobody waits for the end of it. */
async function untilNext(
  intervalMs: number,
  redraw: () => void,
  over: AbortSignal,
  world: World,
): Promise<void> {
  const { stdout, now, wait } = world;
  const size = () => `${stdout.columns}x${stdout.rows}`;
  const endMs = now() + intervalMs;
  let before = size();
  while (now() < endMs && !isOver(over, world)) {
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
      const head = last === undefined ? '' : '\n';
      if (json) writeJsonLine(status, world);
      else stdout.write(`${head}${status.at}\n${statusText(status, world)}`);
      last = status;
    },
    leave: () => {},
  };
}
