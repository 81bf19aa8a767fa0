import { describe, expect, test, vi } from 'vitest';
import { call, edit, healthy, install, installed } from '../support/call.ts';
import { contradictions, pictureOf } from '../support/consistency.ts';
import { type Fault, faulty } from '../support/faulty-host.ts';
import { type Simulation, simulatedHost } from '../support/systemd.ts';
import { readmeTells, tally } from '../support/tally.ts';

vi.mock('yargs', async (original) =>
  (await import('../support/quiet-yargs.ts')).quietYargs(original),
);

const tried = tally('points tried');

const dropIn = '/etc/systemd/system/vllmd-runtime@2.service.d/10-vllmd.conf';
const foreign = '/etc/modprobe.d/vllmd.conf';
const mine = '# mine\n[Service]\nExecStart=\nExecStart=/usr/bin/mine\n';
const adoption = install('/example.toml', '--adopt', foreign);

async function withForeign(): Promise<Simulation> {
  const machine = simulatedHost();
  await machine.host.mkdir('/etc/modprobe.d', { mode: 0o755, uid: 0, gid: 0 });
  await machine.host.write(foreign, mine, { mode: 0o640, uid: 0, gid: 7 });
  return machine;
}

async function withAdopted(): Promise<Simulation> {
  const machine = await withForeign();
  await healthy(machine, adoption);
  return machine;
}

async function withEdit(): Promise<Simulation> {
  const machine = await installed();
  await edit(machine, dropIn, mine);
  return machine;
}

/** The last figure is how many steps lie between two faults: most of long plans is one file after the other. */
const plans = [
  ['overwritten', withEdit, install('/memory.toml', '--overwrite-drift', dropIn), 1],
  ['dropped', withEdit, install('/fewer.toml', '--overwrite-drift', dropIn), 1],
  ['adopted', withForeign, adoption, 3],
  ['given back', withAdopted, ['uninstall'], 2],
  ['rolled back', withAdopted, ['rollback', '0', '--settle', '0'], 2],
] as const;

const faults: readonly Fault[] = ['EIO', 'dies-before', 'dies-after'];

/** Where the operator's text is now. */
function copies({ entries }: Simulation): readonly string[] {
  return [...entries].flatMap(([path, entry]) =>
    entry.type === 'file' && entry.text === mine ? [path] : [],
  );
}

/** What does not fit together beside the operator's own doing. */
function others(machine: Simulation): readonly string[] {
  return contradictions(machine).filter(
    (problem) => ![dropIn, foreign, 'runs from other files'].some((part) => problem.includes(part)),
  );
}

describe.for(plans)('a file that is %s', ([name, prepare, argv, stride]) => {
  test('is somewhere at every moment, whatever goes wrong', async () => {
    const start = await prepare();
    const probe = faulty(start.fork().host, -1, undefined);
    const clean = start.fork();
    await healthy(clean, argv, { host: faulty(clean.host, -1, undefined) });
    await call(start.fork(), argv, { host: probe });
    for (let at = 0; at < probe.operations.length; at += stride) {
      for (const fault of faults) {
        const machine = start.fork();
        const host = faulty(machine.host, at, fault);
        const answer = await call(machine, argv, { host });
        const story = `${fault} at ${at}: ${probe.operations[at]}\n${answer.err}`;
        expect(copies(machine), story).not.toEqual([]);
        const recovered = await call(machine, ['recover']);
        expect(recovered.code, `${story}${recovered.err}`).toBe(0);
        expect(copies(machine), `${story}${recovered.err}`).not.toEqual([]);
        expect(others(machine), story).toEqual([]);
        tried.add(name);
      }
    }
  }, 60_000);
});

test('an adopted file comes back with its mode and owner, and no copy stays', async () => {
  const before = pictureOf(await withForeign());
  for (const argv of [['uninstall'], ['rollback', '0', '--settle', '0']]) {
    const machine = await withAdopted();
    expect(copies(machine)).toEqual([`/var/lib/vllmd/install/backups/1${foreign}`]);
    await healthy(machine, argv);
    expect(pictureOf(machine)).toEqual(before);
    expect(copies(machine)).toEqual([foreign]);
  }
});

readmeTells('test/transaction/operator-bytes.test.ts', tried.sum);
