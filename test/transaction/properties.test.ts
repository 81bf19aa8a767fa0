import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { call, healthy, install } from '../support/call.ts';
import { contradictions, pictureOf } from '../support/consistency.ts';
import { disturb, edits, missing, occupy, ownPaths } from '../support/disturb.ts';
import { randomConfig, roomyHost } from '../support/random-configs.ts';
import { type Simulation, simulatedHost } from '../support/systemd.ts';
import { readmeTells, tally } from '../support/tally.ts';

vi.mock('yargs', async (original) =>
  (await import('../support/quiet-yargs.ts')).quietYargs(original),
);

const drawn = tally('states drawn');

/** The host that these configs leave, one after the other. */
async function machineWith(...configs: readonly string[]): Promise<Simulation> {
  const machine = simulatedHost({ description: roomyHost });
  for (const config of configs) await installText(machine, config);
  return machine;
}

function installText(machine: Simulation, config: string) {
  return healthy(machine, install('/config.toml'), { texts: new Map([['/config.toml', config]]) });
}

/** All that is on the disk, vllmd's own notes included. */
function disk({ entries }: Simulation): ReadonlyMap<string, unknown> {
  return new Map([...entries].filter(([path]) => !path.startsWith('/run/')));
}

const RUNS = 40;
const same = '[global]\nuser = "sdake"\n[[runtimes]]\nindex = 2\nname = "a"\n';
const SECOND = '/var/lib/vllmd/install/generations/2.json';

test('after a rollback the host is as before the install, whatever the two configs are', async () => {
  await fc.assert(
    fc.asyncProperty(randomConfig, randomConfig, async (first, second) => {
      const machine = await machineWith(first);
      const before = pictureOf(machine);
      await installText(machine, second);
      await healthy(machine, ['rollback', '1', '--settle', '0']);
      expect(pictureOf(machine).entries).toEqual(before.entries);
      expect(contradictions(machine)).toEqual([]);
      drawn.add('rollback');
    }),
    { numRuns: RUNS, examples: [[same, same]] },
  );
});

test('after a rollback to 0, and after an uninstall, nothing is left of any install', async () => {
  const empty = disk(await machineWith());
  const ways = fc.constantFrom(['rollback', '0', '--settle', '0'], ['uninstall']);
  await fc.assert(
    fc.asyncProperty(randomConfig, randomConfig, ways, async (first, second, argv) => {
      const machine = await machineWith(first, second);
      await healthy(machine, argv);
      expect(disk(machine)).toEqual(empty);
      expect(contradictions(machine)).toEqual([]);
      drawn.add(argv[0] === 'uninstall' ? 'uninstall' : 'rollback to 0');
    }),
    { numRuns: RUNS },
  );
});

test('a second install changes no byte and calls nobody', async () => {
  await fc.assert(
    fc.asyncProperty(randomConfig, randomConfig, async (first, second) => {
      const machine = await machineWith(first, second);
      const before = new Map(machine.entries);
      const calls = machine.commands.length;
      const { out } = await installText(machine, second);
      expect(out).toContain('Nothing to do');
      expect(new Map(machine.entries)).toEqual(before);
      expect(machine.commands.length).toBe(calls);
      drawn.add('second install');
    }),
    { numRuns: RUNS },
  );
});

test('the actions run in the order in which they are printed, and no others', async () => {
  await fc.assert(
    fc.asyncProperty(randomConfig, randomConfig, async (first, second) => {
      const machine = await machineWith(first);
      const since = machine.commands.length;
      const { out } = await installText(machine, second);
      const printed = [...out.matchAll(/^ +\d+\. {2}(\S+)(?: (vllmd\S*))?/gm)]
        .map(([, verb = '', unit = '']) => `${verb} ${unit}`.trim())
        .filter((line) => !/^(enable|disable|unmask|reset-failed)/.test(line));
      const run = machine.commands
        .slice(since)
        .filter(([program, verb]) => program === 'systemctl' && verb !== 'reset-failed')
        .map((argv) =>
          argv
            .slice(1)
            .filter((word) => !word.startsWith('--'))
            .join(' '),
        );
      expect(run).toEqual(printed);
      drawn.add('order');
    }),
    { numRuns: RUNS },
  );
});

/** Two configs that come to the same are one install, before which there is none to roll back to. */
function codesOf(command: string, before: ReadonlyMap<string, unknown>): readonly number[] {
  return command === 'rollback' && !before.has(SECOND) ? [64] : [0, 5];
}

test('without a flag no command touches a byte of the operator, and one that would have to changes nothing', async () => {
  const commands = fc.constantFrom('install', 'uninstall', 'rollback');
  await fc.assert(
    fc.asyncProperty(
      randomConfig,
      randomConfig,
      edits,
      commands,
      async (first, second, list, command) => {
        const machine = await machineWith(first, ...(command === 'install' ? [] : [second]));
        const mine = await disturb(machine, list);
        const before = disk(machine);
        const argv = command === 'install' ? install('/config.toml') : [command];
        const answer = await call(machine, argv, { texts: new Map([['/config.toml', second]]) });
        expect(codesOf(command, before)).toContain(answer.code);
        for (const [path, entry] of mine) expect(machine.entries.get(path), path).toEqual(entry);
        if (answer.code !== 0) expect(disk(machine)).toEqual(before);
        drawn.add(`edits ${answer.code === 5 ? 'refused' : 'let be'}`);
      },
    ),
    { numRuns: RUNS * 2, examples: [[same, same, [], 'rollback']] },
  );
});

/** One flag for each path that a refusal says can be decided about. */
function answersTo(out: string, draw: number): readonly string[] {
  const offers = new Map<string, readonly string[]>();
  for (const [, flag = '', path = ''] of out.matchAll(
    /(--overwrite-drift|--keep-drift|--adopt) (\/\S+) (?:replaces|deletes|leaves)/g,
  )) {
    offers.set(path, [...new Set([...(offers.get(path) ?? []), flag])]);
  }
  return [...offers].flatMap(([path, flags], at) => {
    const flag = flags[(draw >> at) % flags.length];
    return flag === undefined ? [] : [flag, path];
  });
}

/**
 * Whether a way back is not finished because of edits: what it restores is what the operator had, and a unit may not start
 * from that. Each unit that is left has an edit of its own runtime, or of what all have in common.
 */
function isUpToEdits(answer: string, edited: readonly string[]): boolean {
  const left = [...answer.matchAll(/sudo systemctl (?:re)?start (vllmd-\S+)/g)].map(
    ([, unit = '']) => indexIn(unit),
  );
  const isOf = (index: string | undefined) => (path: string) =>
    [undefined, index].includes(indexIn(path));
  return left.length > 0 && left.every((index) => edited.some(isOf(index)));
}

function indexIn(text: string): string | undefined {
  return /(?:runtime-|@)(\d+)\./.exec(text)?.[1];
}

/** One runtime, with a GPU and without. */
const withGpus = (gpus: string) =>
  `schema_version = 2\n[global]\nuser = "sdake"\n[network]\ndefault_interface = "eth0"\n[[runtimes]]\nindex = 3\nname = "a"\ngpus = [${gpus}]\n`;

test('a runtime whose VM definition the operator has removed is not started by the way back, which names the start that is left', async () => {
  const machine = await machineWith(withGpus('"0000:02:00.0"'));
  const dropIn = '/etc/systemd/system/vllmd-runtime@3.service.d/10-vllmd.conf';
  const definition = '/home/sdake/.config/vllmd/runtime-3.vm.json';
  const at = (path: string) => ownPaths(machine).indexOf(path);
  await disturb(machine, [
    { at: at(dropIn), kind: 'text' },
    { at: at(definition), kind: 'gone' },
  ]);
  // The drop-in goes on asking for the GPU, so the new VM does not start.
  const argv = install('/config.toml', '--keep-drift', dropIn);
  const answer = await call(machine, argv, { texts: new Map([['/config.toml', withGpus('')]]) });
  expect(answer.code).toBe(8);
  expect(isUpToEdits(answer.err, [dropIn, definition])).toBe(true);
  expect(machine.entries.has(definition)).toBe(false);
});

test('with the flags that a refusal names, bytes of the operator are where they were or among the copies', async () => {
  await fc.assert(
    fc.asyncProperty(
      randomConfig,
      randomConfig,
      edits,
      fc.array(fc.nat(), { maxLength: 2 }),
      fc.nat(255),
      async (first, second, list, places, draw) => {
        const machine = await machineWith(first);
        const own = new Set(ownPaths(machine));
        const written = new Map(machine.entries);
        const wanted = ownPaths(await machineWith(second)).filter((path) => !own.has(path));
        const mine = new Map([
          ...(await disturb(machine, list)),
          ...(await occupy(machine, wanted, places)),
        ]);
        const texts = new Map([['/config.toml', second]]);
        const refused = await call(machine, install('/config.toml'), { texts });
        const flags = answersTo(refused.out + refused.err, draw);
        const before = disk(machine);
        const edited = [...own].filter((path) => machine.entries.get(path) !== written.get(path));
        const answer = await call(machine, install('/config.toml', ...flags), { texts });
        const story = `${flags.join(' ')}\n${refused.out}${answer.out}${answer.err}`;
        // A drop-in that is kept may ask for a GPU that is gone: then the runtime does not start, and all goes back.
        expect(isUpToEdits(answer.err, edited) ? [8] : [0, 4, 5], story).toContain(answer.code);
        expect(missing(machine, mine), story).toEqual([]);
        if (answer.code === 5) expect(disk(machine), story).toEqual(before);
        const gone = await call(machine, ['uninstall']);
        expect(missing(machine, mine), `${story}${gone.out}${gone.err}`).toEqual([]);
        drawn.add(`flags ${answer.code === 5 ? 'refused' : 'obeyed'}`);
      },
    ),
    { numRuns: RUNS * 2 },
  );
});

readmeTells('test/transaction/properties.test.ts', drawn.sum);
