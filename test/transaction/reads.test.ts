import { describe, expect, test, vi } from 'vitest';
import type { Host } from '../../src/host/host.ts';
import { call } from '../support/call.ts';
import { scenarios } from '../support/scenarios.ts';
import { afterwards, commitOrder, ofExitCode, prepare, said } from '../support/sweep.ts';
import { readmeTells, tally } from '../support/tally.ts';

vi.mock('yargs', async (original) =>
  (await import('../support/quiet-yargs.ts')).quietYargs(original),
);

const tried = tally('points tried');

const journal = '/var/lib/vllmd/install/journal.json';

/** A host where the look with this number at a file fails, counted from the first write of the journal. */
function unreadable(host: Host, at: number): Host & { readonly looks: readonly string[] } {
  const looks: string[] = [];
  let hasBegun = false;
  const look =
    <Value>(name: string, work: (path: string) => Promise<Value>) =>
    async (path: string): Promise<Value> => {
      if (!hasBegun) return work(path);
      looks.push(`${name} ${path}`);
      if (looks.length - 1 !== at) return work(path);
      throw Object.assign(new Error(`EIO: ${path}`), { code: 'EIO' });
    };
  return {
    ...host,
    looks,
    read: look('read', host.read),
    list: look('list', host.list),
    write: (path, text, metadata) => {
      hasBegun ||= path === journal;
      return host.write(path, text, metadata);
    },
  };
}

describe.each(
  scenarios.filter(({ name }) =>
    ['update', 'hand-over', 'update that does not start'].includes(name),
  ),
)('$name', (scenario) => {
  test('a file that cannot be read once costs no more than an undo or a recover', async () => {
    const prepared = await prepare(scenario);
    const probe = unreadable(prepared.start.fork().host, -1);
    await call(prepared.start.fork(), scenario.command, { host: probe });
    const problems: string[] = [];
    for (const [at, name] of probe.looks.entries()) {
      const machine = prepared.start.fork();
      const host = unreadable(machine.host, at);
      const answer = await call(machine, scenario.command, { host });
      const found = [
        ...ofExitCode(answer.code, machine, prepared),
        ...commitOrder(machine, prepared.start),
        ...(await afterwards(machine, false, prepared)),
      ];
      const where = `EIO at ${at}: ${name}`;
      problems.push(...found.map((text) => `${where}: ${text}\n${said(scenario.command, answer)}`));
      tried.add(scenario.name);
    }
    tried.addHosts(prepared.known.size);
    expect(problems.slice(0, 5)).toEqual([]);
  }, 300_000);
});

readmeTells('test/transaction/reads.test.ts', tried.sum);
