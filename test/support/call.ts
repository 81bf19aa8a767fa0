import { run } from '../../src/cli/run.ts';
import type { CommandResult, Host } from '../../src/host/host.ts';
import type { World } from '../../src/host/world.ts';
import { signalling } from './faulty-host.ts';
import { configs } from './scenarios.ts';
import { type Simulation, simulatedHost } from './systemd.ts';
import { type TestWorld, testWorld } from './world.ts';

export type Answer = { readonly code: number; readonly out: string; readonly err: string };

export type CallOptions = {
  /** Takes the place of the machine's own; one that fails, say. */
  readonly host?: Host;
  /** Configs by path, beside those of the scenarios. */
  readonly texts?: ReadonlyMap<string, string>;
  readonly world?: Partial<World>;
  /** Gets the world before the command runs in it. */
  readonly prepare?: (world: TestWorld) => void;
};

/** One command line on a machine, as a process of its own. Files of the machine can be named as configs and plans. */
export async function call(
  machine: Simulation,
  argv: readonly string[],
  options: CallOptions = {},
): Promise<Answer> {
  const { host = machine.host, texts, world: more, prepare } = options;
  const world = testWorld(host, {
    readConfigFile: (path) => {
      const entry = machine.entries.get(path);
      const text = texts?.get(path) ?? configs.get(path) ?? (entry?.type === 'file' && entry.text);
      if (typeof text !== 'string') return { kind: 'absent' };
      const permissions = entry?.type === 'file' ? { permissions: entry.mode } : {};
      return { kind: 'bytes', bytes: Buffer.from(text), ...permissions };
    },
    ...more,
  });
  prepare?.(world);
  const code = await run([...argv], world);
  return { code, out: world.out(), err: world.err() };
}

/** A command that must do what it is to do. */
export async function healthy(
  machine: Simulation,
  argv: readonly string[],
  options: CallOptions = {},
): Promise<Answer> {
  const answer = await call(machine, argv, options);
  if (answer.code === 0) return answer;
  throw new Error(`${argv.join(' ')}: exit code ${answer.code}\n${answer.err}`);
}

export function install(config: string, ...more: readonly string[]): readonly string[] {
  return ['install', '--config', config, '--settle', '0', ...more];
}

/** A machine with the example on it, or with another config after that. */
export async function installed(...later: readonly string[]): Promise<Simulation> {
  const machine = simulatedHost();
  for (const config of ['/example.toml', ...later]) await healthy(machine, install(config));
  return machine;
}

/** A host where some commands answer otherwise; undefined: as ever. */
export function answering(
  host: Host,
  answer: (argv: readonly string[]) => Partial<CommandResult> | undefined,
): Host {
  const either =
    <Rest extends readonly unknown[]>(
      usual: (argv: readonly string[], ...rest: Rest) => Promise<CommandResult>,
    ) =>
    async (argv: readonly string[], ...rest: Rest): Promise<CommandResult> => {
      const own = answer(argv);
      return own === undefined
        ? usual(argv, ...rest)
        : { exitCode: 0, stdout: '', stderr: '', ...own };
    };
  return { ...host, run: either(host.run), query: either(host.query) };
}

const rootFile = { mode: 0o644, uid: 0, gid: 0 };

/** As an editor of root's does it. */
export function edit({ host }: Simulation, path: string, text: string): Promise<void> {
  return host.write(path, text, rootFile);
}

/** Options of a call that gets a signal before the operation with this number, counted from 0. */
export function interruptedAt(
  { host }: Simulation,
  at: number,
  signal: 'SIGINT' | 'SIGTERM',
): CallOptions {
  let send = () => {};
  return {
    host: signalling(host, at, () => send()),
    prepare: (world) => {
      send = () => world.interrupt(signal);
    },
  };
}

/** Options of a call while another vllmd holds the lock. */
export function whileBusy(op: 'install' | 'rollback' = 'install'): CallOptions {
  return { prepare: (world) => void world.lock('', { op, timeoutMs: 0, onWait: () => {} }) };
}
