import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { type Talking, talk } from '../spawn.ts';
import { type FramedOutput, framedOutput } from './framed-output.ts';
import { sessionInput } from './session-script.ts';
import type { ShellRequest } from './transport.ts';

/** The shell on the other side ends what it runs: SIGTERM, SIGKILL 5 s later, and a word about it. */
const GRACE_MS = 8000;
/** Where nobody here can say any more that it is enough. */
const EXTRA_SEC = 10;
/** What a program said before it ended is there already; others may hold its output open for ever. */
const LAST_WORDS_MS = 500;

export type ShellEnd = {
  /** Of the script; undefined: the shell never got to say. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly isTimedOut: boolean;
  readonly isAborted: boolean;
  readonly hasBegun: boolean;
  /** Of the program that runs the shell; undefined: it did not have to end by itself, or was ended by us. */
  readonly programCode: number | undefined;
  /** What it said, where the script had not begun. */
  readonly preface: string;
};

type Streams = Readonly<Record<'stdout' | 'stderr', FramedOutput>>;

export type ShellProgram = {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** It only leads to the shell, so it can be killed at any time: what runs over there notices. */
  readonly isRemote: boolean;
};

/** Runs a program that gives its standard input to one of the shells of `session-script.ts`. */
export async function runShell(
  { argv, env, isRemote }: ShellProgram,
  request: ShellRequest,
): Promise<ShellEnd> {
  const { until, timeoutMs } = request;
  const mark = `vllmd-${randomBytes(12).toString('hex')}`;
  const streams: Streams = { stdout: framedOutput(mark), stderr: framedOutput(mark) };
  const stop = { isTimedOut: false, isAborted: until?.aborted === true };
  if (stop.isAborted) return endOf(streams, stop, undefined);
  const said = whenSaid(streams);
  const talking = await talk(argv, {
    env,
    input: sessionInput({ ...request, mark, limitSec: Math.ceil(timeoutMs / 1000) + EXTRA_SEC }),
    onOutput: said.add,
  });
  if ('why' in talking) return { ...endOf(streams, stop, 127), preface: talking.why };
  const ending = endInTime(talking, request, stop, () => isRemote && !streams.stdout.hasBegun());
  const programCode = await Promise.race([said.all, exitOf(talking, streams)]);
  ending.done();
  talking.endInput();
  talking.closeOutput();
  // A connection that a child on the other side holds open.
  talking.signal('SIGTERM');
  return endOf(streams, stop, programCode);
}

/** Both streams have come to their end mark, whoever still holds them open. */
function whenSaid(streams: Streams) {
  let resolve: (code: undefined) => void = () => undefined;
  const all = new Promise<undefined>((done) => {
    resolve = done;
  });
  return {
    all,
    add: (from: 'stdout' | 'stderr', chunk: Uint8Array) => {
      streams[from].add(chunk);
      if (isWhole(streams)) resolve(undefined);
    },
  };
}

function isWhole({ stdout, stderr }: Streams): boolean {
  return stdout.endWord() !== undefined && stderr.endWord() !== undefined;
}

/** Of a program that ends before the marks have come, with what it said last. */
async function exitOf(talking: Talking, streams: Streams): Promise<number | undefined> {
  const { exitCode } = await talking.ended;
  await Promise.race([talking.closed, wait(LAST_WORDS_MS, undefined, { ref: false })]);
  return isWhole(streams) ? undefined : (exitCode ?? undefined);
}

type Stop = { isTimedOut: boolean; isAborted: boolean };

/** Ends the script at its time limit or at an abort; and the program, where the script does not end. */
function endInTime(
  talking: Talking,
  { timeoutMs, until }: ShellRequest,
  stop: Stop,
  isConnecting: () => boolean,
) {
  const timers: NodeJS.Timeout[] = [];
  const end = () => {
    talking.endInput();
    if (isConnecting()) talking.signal('SIGTERM');
    timers.push(setTimeout(() => talking.signal('SIGKILL'), GRACE_MS));
  };
  // Whichever comes first.
  const late = () => {
    if (stop.isAborted) return;
    stop.isTimedOut = true;
    end();
  };
  const aborted = () => {
    if (stop.isTimedOut) return;
    stop.isAborted = true;
    end();
  };
  timers.push(setTimeout(late, timeoutMs));
  until?.addEventListener('abort', aborted, { once: true });
  // It may have come while the program was started.
  if (until?.aborted === true) aborted();
  return {
    done: () => {
      timers.forEach(clearTimeout);
      until?.removeEventListener('abort', aborted);
    },
  };
}

function endOf(streams: Streams, stop: Stop, programCode: number | undefined): ShellEnd {
  const { stdout, stderr } = streams;
  const word = stdout.endWord() ?? stderr.endWord();
  return {
    exitCode: word === undefined ? undefined : Number(word),
    stdout: stdout.text(),
    stderr: stderr.text(),
    ...stop,
    hasBegun: stdout.hasBegun() || stderr.hasBegun(),
    programCode,
    preface: `${stdout.preface()}${stderr.preface()}`,
  };
}
