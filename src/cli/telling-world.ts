import { visible } from '../core/control-characters.ts';
import { pastedWord } from '../core/shell-word.ts';
import type { CommandResult } from '../host/host.ts';
import type { Output, World } from '../host/world.ts';
import { Activities } from './activities.ts';
import { liveLine } from './live-line.ts';
import { styleFor } from './style-for.ts';
import { type HostWatcher, watchedHost } from './watched-host.ts';
import { writingTo } from './writing-to.ts';

/** How much is told beside results, warnings and errors. */
export type Volume = 'quiet' | 'usual' | 'verbose';

export type TellingWorld = {
  readonly world: World;
  readonly setVolume: (volume: Volume) => void;
  /** Takes away what is still shown of something that goes on. */
  readonly end: () => void;
};

/** The world as commands get it: what takes long is told while it runs, and what is done on a host if that is asked for. */
export function tellingWorld(outside: World): TellingWorld {
  let volume: Volume = 'usual';
  const line = liveLine(outside.stderr);
  const clearing = (output: Output) =>
    writingTo(output, (text) => {
      line.erase();
      output.write(text);
    });
  const stderr = clearing(outside.stderr);
  // Another terminal, or a file, does not show the line.
  const stdout = outside.stdout.isTerminal ? clearing(outside.stdout) : outside.stdout;
  const notes = writingTo(stderr, (text) => {
    if (volume !== 'quiet') stderr.write(text);
  });
  const activities = new Activities({
    now: outside.now,
    every: outside.every,
    line: outside.stderr.isTerminal ? quietable(line, () => volume === 'quiet') : undefined,
    say: notes.write,
  });
  const trace = (text: string) => {
    if (volume === 'verbose') stderr.write(`${styleFor(stderr).dim(`+ ${visible(text)}`)}\n`);
  };
  const watcher = {
    ...watcherOf(activities, trace, outside.now),
    breathe: outside.stderr.isTerminal ? breathing(outside) : undefined,
  };
  const world: World = {
    ...outside,
    stdout,
    stderr,
    notes,
    host: (root, until) => watchedHost(outside.host(root, until), watcher),
    treeHost: (root) => watchedHost(outside.treeHost(root), watcher),
    lock: async (root, request) => {
      const lock = await outside.lock(root, request);
      trace(`lock ${root === '' ? 'this host' : root}`);
      return lock;
    },
    doing: (what, how) => activities.begin('doing', what, how),
  };
  return {
    world,
    setVolume: (wanted) => {
      volume = wanted;
    },
    end: () => activities.endAll(),
  };
}

const BREATH_MS = 200;

/** Now and then a pause, in which the line is drawn. */
function breathing({ now, wait }: World): () => Promise<void> {
  let lastMs = now();
  return async () => {
    if (now() - lastMs < BREATH_MS) return;
    await wait(0);
    lastMs = now();
  };
}

function quietable(line: ReturnType<typeof liveLine>, isQuiet: () => boolean) {
  return { ...line, show: (text: string) => (isQuiet() ? undefined : line.show(text)) };
}

function watcherOf(
  activities: Activities,
  trace: (text: string) => void,
  now: World['now'],
): HostWatcher {
  return {
    command: (argv, kind) => {
      const text = argv.map(pastedWord).join(' ');
      const begin = now();
      const end = activities.begin(kind, visible(text));
      return (result) => {
        end();
        trace(`${text} (${outcomeOf(result)}, ${((now() - begin) / 1000).toFixed(2)} s)`);
      };
    },
    changed: trace,
  };
}

function outcomeOf(result: CommandResult | undefined): string {
  return result === undefined ? 'no exit code' : `exit code ${result.exitCode}`;
}
