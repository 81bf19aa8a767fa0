import { describe, expect, test, vi } from 'vitest';
import type { Host } from '../../src/host/host.ts';
import { call } from '../support/call.ts';
import { type FaultyHost, faultsOf, faulty } from '../support/faulty-host.ts';
import { scenarios } from '../support/scenarios.ts';
import { afterwards, commitOrder, type Prepared, prepare, said } from '../support/sweep.ts';
import { readmeTells, tally } from '../support/tally.ts';

vi.mock('yargs', async (original) =>
  (await import('../support/quiet-yargs.ts')).quietYargs(original),
);

const tried = tally('points tried');

const journal = '/var/lib/vllmd/install/journal.json';

function named(...names: readonly string[]) {
  return scenarios.filter(({ name }) => names.includes(name));
}

/** A disk that has no more room for a journal, from the write with this number on. */
function withoutJournal(host: Host, from: number): Host {
  let count = 0;
  return {
    ...host,
    write: (path, text, metadata) => {
      if (path !== journal) return host.write(path, text, metadata);
      count += 1;
      if (count <= from) return host.write(path, text, metadata);
      throw Object.assign(new Error(`ENOSPC: ${path}`), { code: 'ENOSPC' });
    },
  };
}

async function run(prepared: Prepared, from: number, at: number) {
  const machine = prepared.start.fork();
  const host = faulty(withoutJournal(machine.host, from), at, 'dies-after');
  const answer = await call(machine, prepared.scenario.command, { host });
  return { machine, host, answer };
}

function journalWrites({ operations }: FaultyHost): readonly number[] {
  return [...operations.entries()].flatMap(([at, name]) =>
    name === `write ${journal}` ? [at] : [],
  );
}

/** Kills the run after each step that follows the first journal that found no room. */
async function problemsFrom(prepared: Prepared, from: number): Promise<readonly string[]> {
  const problems: string[] = [];
  const { host: clean } = await run(prepared, from, -1);
  const first = journalWrites(clean)[from] ?? 0;
  for (let at = first; at < clean.operations.length; at += 1) {
    const { machine, answer } = await run(prepared, from, at);
    const found = [
      ...machine.violations,
      ...commitOrder(machine, prepared.start),
      ...(await afterwards(machine, true, prepared)),
    ];
    const where = `no journal from write ${from} on, dies after ${at}: ${clean.operations[at]}`;
    problems.push(...found.map((problem) => `${where}: ${problem}\n${said([], answer)}`));
    tried.add('no room');
  }
  return problems;
}

describe.each(named('update that does not start', 'hand-over that does not start', 'mixed'))(
  '$name',
  (scenario) => {
    test('a way back that finds no room for its journal and is killed is gone to its end', async () => {
      const prepared = await prepare(scenario);
      const writes = prepared.operations.filter((name) => name === `write ${journal}`).length;
      const problems: string[] = [];
      for (let from = 1; from < writes; from += 1) {
        problems.push(...(await problemsFrom(prepared, from)));
      }
      tried.addHosts(prepared.known.size);
      expect(problems.slice(0, 5)).toEqual([]);
    }, 300_000);
  },
);

/** Where a run is killed before it recovers: by its scenario, a part of the last step that it makes. */
const cuts = [
  ['update', '/etc/vllmd/runtime-2.env'],
  ['hand-over', 'start -- vllmd-runtime@1.service'],
  ['shared update', 'write /var/lib/vllmd/install/generations/2.json'],
] as const;

describe.each(cuts)('a %s that is killed after %s', (name, step) => {
  test('is recovered from, whatever goes wrong with the first attempt at that', async () => {
    const [scenario] = named(name);
    if (scenario === undefined) throw new Error(name);
    const prepared = await prepare(scenario);
    const last = prepared.operations.findLastIndex((operation) => operation.includes(step));
    expect(last).toBeGreaterThan(0);
    const cut = prepared.start.fork();
    await call(cut, scenario.command, { host: faulty(cut.host, last, 'dies-after') });
    const probe = faulty(cut.fork().host, -1, undefined);
    await call(cut.fork(), ['recover'], { host: probe });
    const problems: string[] = [];
    for (const [at, operation] of probe.operations.entries()) {
      for (const fault of faultsOf(operation)) {
        const machine = cut.fork();
        const host = faulty(machine.host, at, fault);
        const answer = await call(machine, ['recover'], { host });
        const found = [
          ...machine.violations,
          ...commitOrder(machine, prepared.start),
          ...(await afterwards(machine, host.hasDied(), prepared)),
        ];
        const where = `${fault} at ${at} of recover: ${operation}`;
        problems.push(...found.map((text) => `${where}: ${text}\n${said(['recover'], answer)}`));
        tried.add('recover');
      }
    }
    tried.addHosts(prepared.known.size);
    expect(problems.slice(0, 5)).toEqual([]);
  }, 300_000);
});

readmeTells('test/transaction/second-faults.test.ts', tried.sum);
