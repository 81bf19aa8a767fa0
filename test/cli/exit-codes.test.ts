import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { exitCodes } from '../../src/core/failure.ts';
import {
  type Answer,
  answering,
  type CallOptions,
  call,
  edit,
  healthy,
  install,
  installed,
  interruptedAt,
  whileBusy,
} from '../support/call.ts';
import { contradictions, type Picture, pictureOf } from '../support/consistency.ts';
import { type Simulation, simulatedHost } from '../support/systemd.ts';

vi.mock('yargs', async (original) =>
  (await import('../support/quiet-yargs.ts')).quietYargs(original),
);

const update = install('/memory.toml');
/** One that needs a daemon-reload. */
const shared = install('/fewer.toml');
const denied = { exitCode: 1, stderr: 'Access denied' };
const reloadFails = (argv: readonly string[]) => argv.includes('daemon-reload');
const journal = '/var/lib/vllmd/install/journal.json';
const dropIn = '/etc/systemd/system/vllmd-runtime@1.service.d/10-vllmd.conf';

type Case = {
  readonly code: number;
  readonly title: string;
  readonly argv: readonly string[];
  readonly machine?: () => Promise<Simulation>;
  readonly options?: (machine: Simulation) => CallOptions;
  /** `as before`: to the last byte. `fits`: whatever is there belongs together. `needs you`: a journal is kept. */
  readonly host: 'as before' | 'fits' | 'needs you';
  /** What was wrong, where, and what helps. */
  readonly says: readonly string[];
};

/** The run fails at its first operation that looks so. */
function failingAt(pattern: RegExp, code: string) {
  return ({ host }: Simulation): CallOptions => {
    let isDone = false;
    const failing = async (path: string): Promise<void> => {
      if (isDone || !pattern.test(path)) return;
      isDone = true;
      throw Object.assign(new Error(`${code}: no space left on device, write`), { code });
    };
    return {
      host: {
        ...host,
        write: async (path, text, metadata) => {
          await failing(path);
          return host.write(path, text, metadata);
        },
      },
    };
  };
}

const cases: readonly Case[] = [
  {
    code: 0,
    title: 'an install that succeeds',
    argv: update,
    host: 'fits',
    says: ['generation 2 is in place'],
  },
  {
    code: 0,
    title: 'an install with nothing to do',
    argv: install('/example.toml'),
    host: 'as before',
    says: [],
  },
  {
    code: 0,
    title: 'a dry run that a real run would refuse',
    argv: [...update, '--dry-run'],
    machine: async () => {
      const machine = await installed();
      await edit(machine, dropIn, 'mine\n');
      return machine;
    },
    host: 'as before',
    says: ['would be refused', dropIn, '--overwrite-drift'],
  },
  {
    code: 1,
    title: 'a disk that is full in the middle of an install',
    argv: update,
    options: failingAt(/runtime-2\.vm\.json/, 'ENOSPC'),
    host: 'as before',
    says: [
      'cannot update',
      'runtime-2.vm.json',
      'no space left',
      'everything is as in generation 1',
    ],
  },
  {
    code: 1,
    title: 'a disk that is full before the first change',
    argv: update,
    options: failingAt(/journal\.json/, 'ENOSPC'),
    host: 'as before',
    says: ['nothing was changed: cannot write', journal, 'no space left'],
  },
  {
    code: 1,
    title: 'a systemd that does not read its units again',
    argv: shared,
    options: ({ host }) => {
      let left = 1;
      return {
        host: answering(host, (argv) => (reloadFails(argv) && left-- > 0 ? denied : undefined)),
      };
    },
    host: 'as before',
    says: ['systemctl daemon-reload: Access denied', 'everything is as in generation 1'],
  },
  {
    code: 8,
    title: 'a systemd that does not read its units again, nor when they are put back',
    argv: shared,
    options: ({ host }) => ({
      host: answering(host, (argv) => (reloadFails(argv) ? denied : undefined)),
    }),
    host: 'needs you',
    says: ['daemon-reload: Access denied', 'sudo systemctl daemon-reload', 'sudo vllmd recover'],
  },
  {
    code: 1,
    title: 'a record that is damaged',
    argv: update,
    machine: async () => {
      const machine = await installed();
      await edit(machine, '/var/lib/vllmd/install/manifest.json', '{');
      return machine;
    },
    host: 'as before',
    says: ['manifest.json', 'vllmd recover'],
  },
  {
    code: 2,
    title: 'verify of a host that somebody has edited',
    argv: ['verify'],
    machine: async () => {
      const machine = await installed();
      await edit(machine, dropIn, 'mine\n');
      return machine;
    },
    host: 'as before',
    says: ['not as installed: generation 1', dropIn],
  },
  {
    code: 2,
    title: 'a dry run with --detailed-exitcode and changes',
    argv: [...update, '--dry-run', '--detailed-exitcode'],
    host: 'as before',
    says: ['to change'],
  },
  {
    code: 3,
    title: 'a config that is not valid',
    argv: install('/bad.toml'),
    options: () => ({ texts: new Map([['/bad.toml', '[global]\nuser = 7\n']]) }),
    host: 'as before',
    says: ['error[wrong-type]', '/bad.toml:2:8', 'user = 7'],
  },
  {
    code: 3,
    title: 'units that systemd does not understand',
    argv: update,
    options: ({ host }) => ({
      host: answering(host, (argv) =>
        argv[0] === 'systemd-analyze' && argv[1] === 'verify'
          ? { exitCode: 1, stderr: `/run/vllmd/stage${dropIn}:12: Unknown key 'Restrat'\n` }
          : undefined,
      ),
    }),
    host: 'as before',
    says: ['nothing was changed', dropIn, 'Restrat', 'a bug in vllmd'],
  },
  {
    code: 4,
    title: 'a runtime that does not start',
    argv: install('/both.toml'),
    machine: () => machineWhere((vm) => vm.includes(`"size": ${24 * 2 ** 30}`)),
    options: () => ({ texts: new Map([['/both.toml', both()]]) }),
    host: 'fits',
    says: [
      'vllmd-runtime@2.service did not restart',
      'it said why',
      '/var/lib/vllmd/install/failed/2',
      'generation 2 is in place, but not for runtime 2: as in generation 1',
    ],
  },
  {
    code: 4,
    title: 'a runtime that does not start, with --all-or-nothing',
    argv: install('/both.toml', '--all-or-nothing'),
    machine: () => machineWhere((vm) => vm.includes(`"size": ${24 * 2 ** 30}`)),
    options: () => ({ texts: new Map([['/both.toml', both()]]) }),
    host: 'as before',
    says: ['going back', 'everything is as in generation 1'],
  },
  {
    code: 5,
    title: 'a file that somebody has edited',
    argv: update,
    machine: async () => {
      const machine = await installed();
      await edit(machine, dropIn, 'mine\n');
      return machine;
    },
    host: 'as before',
    says: ['conflict[drifted]', dropIn, '-mine', '--overwrite-drift', 'nothing was changed'],
  },
  {
    code: 6,
    title: 'a host that is too small',
    argv: install('/large.toml'),
    options: () => ({
      texts: new Map([['/large.toml', both().replace('memory_gb = 48', 'memory_gb = 900')]]),
    }),
    host: 'as before',
    says: ['error[memory-fits-host]', '/large.toml:', 'nothing was changed'],
  },
  {
    code: 6,
    title: 'a precheck of a host that is too small for a config',
    argv: ['precheck', '--config', '/large.toml'],
    options: () => ({
      texts: new Map([['/large.toml', both().replace('memory_gb = 48', 'memory_gb = 900')]]),
    }),
    host: 'as before',
    says: ['FAIL  memory-fits-host', 'lower memory_gb', 'NOT-READY: 1 failed'],
  },
  {
    code: 6,
    title: 'a precheck with a config that is not valid',
    argv: ['precheck', '--config', '/bad.toml'],
    options: () => ({ texts: new Map([['/bad.toml', '[global]\nuser = 7\n']]) }),
    host: 'as before',
    says: ['FAIL  config', '/bad.toml is not valid: 1 problem', 'vllmd validate /bad.toml'],
  },
  {
    code: 0,
    title: 'a precheck of a host that is ready',
    argv: ['precheck', '--config', '/example.toml'],
    host: 'as before',
    says: ['READY: '],
  },
  {
    code: 66,
    title: 'a precheck for a config that is not there',
    argv: ['precheck', '--config', '/nowhere.toml'],
    host: 'as before',
    says: ['/nowhere.toml'],
  },
  {
    code: 7,
    title: 'another vllmd that changes this host',
    argv: update,
    options: () => whileBusy(),
    host: 'as before',
    says: ['`vllmd install` by alice (pid 812', 'wait until it has ended'],
  },
  {
    code: 8,
    title: 'a journal that is damaged',
    argv: update,
    machine: async () => {
      const machine = await installed();
      await edit(machine, journal, '{"schema":1,');
      return machine;
    },
    host: 'needs you',
    says: [journal, 'is not whole', 'vllmd recover --discard-journal'],
  },
  {
    code: 9,
    title: 'a restart that waits, with --detailed-exitcode',
    argv: [...update, '--no-restart', '--detailed-exitcode'],
    host: 'fits',
    says: ['NOT restarting (pending)', 'systemctl restart vllmd-runtime@2.service'],
  },
  {
    code: 64,
    title: 'flags that do not go together',
    argv: [...update, '--plan-out', '/plan.json'],
    host: 'as before',
    says: ['--plan-out goes with --dry-run', 'see `vllmd install --help`'],
  },
  {
    code: 64,
    title: 'a generation that is not kept',
    argv: ['rollback', '7'],
    host: 'as before',
    says: ['generation 7 is not kept', 'there are: 0'],
  },
  {
    code: 66,
    title: 'no config',
    argv: ['install', '--settle', '0'],
    host: 'as before',
    says: ['there is no config file; looked at /etc/vllmd/config.toml', '--config FILE'],
  },
  {
    code: 77,
    title: 'an account other than root',
    argv: update,
    options: () => ({ world: { uid: 1000 } }),
    host: 'as before',
    says: ['needs root', 'sudo vllmd install'],
  },
  {
    code: 130,
    title: 'Ctrl-C in the middle of an install',
    argv: update,
    options: (machine) => interruptedAt(machine, 12, 'SIGINT'),
    host: 'as before',
    says: ['SIGINT: the current step is finished', 'everything is as in generation 1'],
  },
  {
    code: 143,
    title: 'SIGTERM in the middle of an install',
    argv: update,
    options: (machine) => interruptedAt(machine, 12, 'SIGTERM'),
    host: 'as before',
    says: ['SIGTERM: the current step is finished', 'everything is as in generation 1'],
  },
];

/** Runtime 1 with 48 GiB, runtime 2 with 24. */
function both(): string {
  const text = readFileSync(new URL('../../fixtures/memory-changed/vllmd.toml', import.meta.url));
  return text.toString().replace('memory_gb = 32', 'memory_gb = 48');
}

async function machineWhere(failsToStart: (vm: string) => boolean): Promise<Simulation> {
  const machine = simulatedHost({ failsToStart });
  await healthy(machine, install('/example.toml'));
  return machine;
}

const named = cases.map((one) => [one.code, one.title, one] as const);
test('what verify could not compare is told with --quiet as well', async () => {
  const world = { readConfigFile: () => ({ kind: 'absent' }) as const };
  const { code, out, err } = await call(await installed(), ['verify', '-q'], { world });
  expect([code, out]).toEqual([0, 'as installed: generation 1\n']);
  expect(err).toMatch(
    /^warning: \/example\.toml cannot be read, so it is not compared with the host\n$/,
  );
});

test.for(named)('exit code %i: %s', async ([code, , { argv, machine, options, host, says }]) => {
  const target = await (machine?.() ?? installed());
  const before = pictureOf(target);
  const answer = await call(target, argv, options?.(target));
  expect(answer).toMatchObject({ code });
  expectState(host, target, before);
  expectToSay(says, answer);
});

function expectState(state: Case['host'], machine: Simulation, before: Picture): void {
  expect(machine.entries.has(journal)).toBe(state === 'needs you');
  if (state === 'as before') expect(pictureOf(machine)).toEqual(before);
  if (state === 'fits') {
    const isPending = (problem: string) => problem.includes('runs from other files');
    expect(contradictions(machine).filter((problem) => !isPending(problem))).toEqual([]);
  }
}

/** A message, and no trace of the program: that is for bugs. */
function expectToSay(words: readonly string[], { out, err }: Answer): void {
  for (const word of words) expect(`${out}\n${err}`).toContain(word);
  expect(err).not.toMatch(/^ {4}at /m);
}

test('every code has a case here and a row in the README, and no other code has', () => {
  const known = [...new Set(Object.values(exitCodes))].toSorted((a, b) => a - b);
  const tried = new Set(cases.map(({ code }) => code));
  expect([...tried].toSorted((a, b) => a - b)).toEqual(known);
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const section = /^## Exit codes\n(.*?)^## /ms.exec(readme)?.[1] ?? '';
  const listed = [...section.matchAll(/^\| ([\d, ]+) \|/gm)].flatMap(([, cell = '']) =>
    cell.split(',').map(Number),
  );
  expect(listed).toEqual(known);
});
