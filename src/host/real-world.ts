import { setTimeout as wait } from 'node:timers/promises';
import type { WriteStream } from 'node:tty';
import { hostLayer } from '../core/resolve/layer.ts';
import { readConfigFile } from './config-file.ts';
import { noteInterrupts } from './interrupts.ts';
import { createLocalHost } from './local-host.ts';
import { type Locker, lockHolder, NESTED_ENV, takeLock } from './lock.ts';
import { onUnread } from './on-unread.ts';
import { localServers } from './servers/servers.ts';
import type { Output, World } from './world.ts';

/** Set when the program is bundled. */
declare const __VLLMD_VERSION__: string | undefined;

type Process = Pick<
  NodeJS.Process,
  | 'env'
  | 'cwd'
  | 'geteuid'
  | 'stdin'
  | 'stdout'
  | 'stderr'
  | 'pid'
  | 'execPath'
  | 'argv'
  | 'on'
  | 'off'
  | 'title'
>;

/** `onLock`: from here on the command changes the host. */
export function realWorld(process: Process, onLock: () => void = () => {}): World {
  const uid = process.geteuid?.() ?? -1;
  const version = typeof __VLLMD_VERSION__ === 'string' ? __VLLMD_VERSION__ : '0.0.0-source';
  const { env, pid, execPath, argv } = process;
  const locker: Locker = {
    base: '/',
    uid,
    pid,
    user: userName(env, uid),
    version,
    isNested: env['VLLMD_LOCK_HELD'] === NESTED_ENV.VLLMD_LOCK_HELD,
    now: Date.now,
  };
  const stderr = output(process.stderr, env);
  return {
    layer: hostLayer,
    env,
    cwd: process.cwd(),
    commandLine: argv.slice(2),
    uid,
    version,
    stdout: output(process.stdout, env),
    stderr,
    notes: stderr,
    // Looked at only when it is asked for: to open stdin has effects of its own.
    terminal: () => terminalOf(process),
    host: (root, until) => createLocalHost({ root, uid, setsOwner: uid === 0, until }),
    treeHost: (root) => createLocalHost({ root, uid, setsOwner: false }),
    readConfigFile,
    now: Date.now,
    wait,
    every,
    doing: () => () => undefined,
    lock: (root, request) => {
      onLock();
      return takeLock(root, request, locker);
    },
    lockHolder: (root) => lockHolder(root, locker),
    onKey: (pressed) => readKeys(process.stdin, pressed),
    onUnread: (gone) => onUnread(pid, gone),
    interrupts: () => noteInterrupts(process),
    servers: localServers(pid),
    hideArguments: (title) => {
      process.title = title;
    },
    // Node has no script where the program is a part of it.
    self: argv[1] === execPath ? [execPath] : [execPath, ...argv.slice(1, 2)],
  };
}

/** A terminal hands over whole lines else, and shows what is typed. Ctrl-C is a key then, and no signal. */
function readKeys(stdin: NodeJS.ReadStream, pressed: (key: string) => void): () => void {
  if (!stdin.isTTY) return () => undefined;
  const read = (data: Buffer) => {
    for (const key of data.toString()) pressed(key);
  };
  stdin.setRawMode(true).on('data', read);
  return () => {
    stdin.off('data', read).setRawMode(false).pause();
  };
}

function every(milliseconds: number, tick: () => void): () => void {
  const timer = setInterval(tick, milliseconds);
  timer.unref();
  return () => clearInterval(timer);
}

/** Who typed the command, not who runs it. */
function userName({ SUDO_USER, LOGNAME, USER }: NodeJS.ProcessEnv, uid: number): string {
  return SUDO_USER ?? LOGNAME ?? USER ?? (uid === 0 ? 'root' : `uid ${uid}`);
}

/** Other programs take both. */
const isRefusal = /^(0|false)$/;

function output(stream: WriteStream, env: NodeJS.ProcessEnv): Output {
  const { NO_COLOR = '', FORCE_COLOR = '', TERM } = env;
  const isTerminal = stream.isTTY === true && TERM !== 'dumb';
  const isWanted = FORCE_COLOR === '' ? isTerminal : !isRefusal.test(FORCE_COLOR);
  return {
    write: (text) => void stream.write(text),
    hasColour: isWanted && NO_COLOR === '',
    isTerminal,
    // Node keeps them up to date. One that nobody has told its size has 0 of each.
    get columns() {
      return isTerminal ? stream.columns || undefined : undefined;
    },
    get rows() {
      return isTerminal ? stream.rows || undefined : undefined;
    },
    get isGone() {
      return stream.destroyed || stream.errored !== null;
    },
  };
}

/** What terminals had before they could tell. */
const USUAL_SIZE = { columns: 80, rows: 24 };

/** Questions go to stderr: stdout has the result. */
function terminalOf({ stdin, stderr, env }: Pick<Process, 'stdin' | 'stderr' | 'env'>) {
  const isTerminal = stdin.isTTY === true && stderr.isTTY === true && env['TERM'] !== 'dumb';
  if (!isTerminal) return undefined;
  // A serial console does not know its size, and text would be fitted into nothing.
  if (stderr.columns === 0) Object.assign(stderr, USUAL_SIZE);
  return { input: stdin, output: stderr };
}
