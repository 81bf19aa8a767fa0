import type { CommandResult, Host } from '../../src/host/host.ts';

const fileFaults = ['ENOSPC', 'EIO', 'EACCES', 'EROFS'] as const;
const commandFaults = ['exit-1', 'hangs', 'hangs-but-works'] as const;
const deaths = ['dies-before', 'dies-after'] as const;

export type Fault =
  | (typeof fileFaults)[number]
  | (typeof commandFaults)[number]
  | (typeof deaths)[number];

/** kill -9: nothing that comes after it in the program has any effect. */
class Died extends Error {}

export type FaultyHost = Host & {
  /** What was changed or run until now, in order. */
  readonly operations: readonly string[];
  readonly hasDied: () => boolean;
};

/** A host where one operation goes wrong: the one with this number, counted from 0. */
export function faulty(host: Host, at: number, fault: Fault | undefined): FaultyHost {
  const operations: string[] = [];
  let isDead = false;
  const alive = () => {
    if (isDead) throw new Died('the program was killed');
  };
  const die = (): never => {
    isDead = true;
    throw new Died('the program was killed');
  };
  const effect = async <Value>(
    name: string,
    work: () => Promise<Value>,
    broken: (fault: Fault) => Promise<Value>,
  ): Promise<Value> => {
    alive();
    operations.push(name);
    if (operations.length - 1 !== at || fault === undefined) return work();
    if (fault === 'dies-before') return die();
    if (fault !== 'dies-after') return broken(fault);
    await work();
    return die();
  };
  const file =
    <Args extends readonly [string, ...unknown[]], Value>(
      name: string,
      work: (...args: Args) => Promise<Value>,
    ) =>
    (...args: Args): Promise<Value> =>
      effect(
        `${name} ${args[0]}`,
        () => work(...args),
        async (code) => {
          throw Object.assign(new Error(`${code}: ${args[0]}`), { code });
        },
      );
  const look =
    <Args extends readonly unknown[], Value>(work: (...args: Args) => Promise<Value>) =>
    async (...args: Args): Promise<Value> => {
      alive();
      return work(...args);
    };
  const run = (argv: readonly string[], timeoutMs: number): Promise<CommandResult> =>
    effect(
      `run ${argv.join(' ')}`,
      () => host.run(argv, timeoutMs),
      async (how) => {
        if (how === 'hangs-but-works') await host.run(argv, timeoutMs);
        const stderr = how === 'exit-1' ? 'it failed\n' : 'it did not end in time\n';
        return { exitCode: how === 'exit-1' ? 1 : 124, stdout: '', stderr };
      },
    );
  return {
    layer: host.layer,
    operations,
    hasDied: () => isDead,
    read: look(host.read),
    list: look(host.list),
    exists: look(host.exists),
    stat: look(host.stat),
    exposure: look(host.exposure),
    readBytes: look(host.readBytes),
    freeBytes: look(host.freeBytes),
    query: look(host.query),
    run,
    write: file('write', host.write),
    link: file('link', host.link),
    mkdir: file('mkdir', host.mkdir),
    setMetadata: file('setMetadata', host.setMetadata),
    remove: file('remove', host.remove),
    rename: file('rename', host.rename),
    copy: file('copy', host.copy),
    removeDirectory: file('removeDirectory', host.removeDirectory),
  };
}

/** A host where one question is not answered: the one with this number, counted from 0. */
export function unanswered(
  host: Host,
  at: number,
): Host & { readonly questions: readonly string[] } {
  const questions: string[] = [];
  return {
    ...host,
    questions,
    query: async (argv) => {
      questions.push(argv.join(' '));
      if (questions.length - 1 !== at) return host.query(argv);
      return { exitCode: 1, stdout: '', stderr: 'Connection timed out\n' };
    },
  };
}

/** A host that says so before the operation with this number, counted from 0. */
export function signalling(host: Host, at: number, signal: () => void): Host {
  let count = 0;
  const before =
    <Args extends readonly unknown[], Value>(work: (...args: Args) => Promise<Value>) =>
    (...args: Args): Promise<Value> => {
      if (count === at) signal();
      count += 1;
      return work(...args);
    };
  return {
    ...host,
    run: before(host.run),
    write: before(host.write),
    link: before(host.link),
    mkdir: before(host.mkdir),
    setMetadata: before(host.setMetadata),
    remove: before(host.remove),
    rename: before(host.rename),
    copy: before(host.copy),
    removeDirectory: before(host.removeDirectory),
  };
}

/** What can go wrong with an operation. */
export function faultsOf(operation: string): readonly Fault[] {
  return [...(operation.startsWith('run ') ? commandFaults : fileFaults), ...deaths];
}
