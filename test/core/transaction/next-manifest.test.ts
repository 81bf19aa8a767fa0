import { describe, expect, test } from 'vitest';
import type { Manifest } from '../../../src/core/plan/manifest.ts';
import type { Member } from '../../../src/core/resolve/member.ts';
import type { Journal } from '../../../src/core/transaction/journal.ts';
import { isEmptyManifest, settledManifest } from '../../../src/core/transaction/next-manifest.ts';
import { call, healthy, install, installed } from '../../support/call.ts';
import { faulty } from '../../support/faulty-host.ts';
import { configs } from '../../support/scenarios.ts';
import { simulatedHost } from '../../support/systemd.ts';

const path = '/var/lib/vllmd/install/journal.json';
const added = `${configs.get('/mixed.toml')}\n[[runtimes]]\nindex = 4\nname = "four"\n`;
const texts = new Map([['/added.toml', added]]);

/** The journal of an install that was killed before its first change. */
async function journalOf(config: string, isFirst = false): Promise<Journal> {
  const machine = isFirst ? simulatedHost() : await installed();
  const probe = faulty(machine.fork().host, -1, undefined);
  await call(machine.fork(), install(config), { host: probe, texts });
  const at = probe.operations.indexOf(`write ${path}`);
  await call(machine, install(config), { host: faulty(machine.host, at, 'dies-after'), texts });
  const entry = machine.entries.get(path);
  return JSON.parse(entry?.type === 'file' ? entry.text : '');
}

/** As it comes out when the groups of these runtimes go back; group 0 stays. */
function without(journal: Journal, runtimes: readonly Member[]): Manifest {
  const groups = journal.groups.map((group) => ({
    ...group,
    state: group.runtimes.some((index) => runtimes.includes(index)) ? 'undone' : 'good',
  })) as Journal['groups'];
  return settledManifest({ ...journal, groups }, []);
}

const journal = await journalOf('/added.toml');
const before = journal.before;
if (before === null) throw new Error('there was an install before');

test('the groups of this journal are what the tests below say', () => {
  expect(journal.groups.map(({ runtimes }) => runtimes)).toEqual([[], [1], [2, 3], [4]]);
});

test('where every group has succeeded the record is the one that was planned', () => {
  expect(without(journal, [])).toEqual(journal.after);
});

describe.for([[[1]], [[2]], [[4]], [[1, 4]], [[2, 4]], [[1, 2]]] as const)(
  'where the groups of %j went back',
  ([runtimes]) => {
    const settled = without(journal, runtimes);
    const undone = new Set<unknown>(
      journal.groups
        .filter((group) =>
          group.runtimes.some((index) => (runtimes as readonly Member[]).includes(index)),
        )
        .flatMap((group) => group.runtimes),
    );
    const groupOf = new Map(
      journal.groups.flatMap(({ id, runtimes: of }) => of.map((index) => [index, id])),
    );
    const paths = new Set(
      journal.changes
        .filter(({ group }) => [...undone].some((index) => groupOf.get(Number(index)) === group))
        .map((change) => change.path),
    );

    test.for(['files', 'links'] as const)('%s of theirs stand there as before', (key) => {
      const entries = (manifest: Manifest) =>
        manifest[key].filter((entry) => paths.has(entry.path));
      expect(entries(settled)).toEqual(entries(before));
    });

    test.for(['files', 'links'] as const)('%s of the others stand there as planned', (key) => {
      const entries = (manifest: Manifest) =>
        manifest[key].filter((entry) => !paths.has(entry.path));
      expect(entries(settled)).toEqual(entries(journal.after));
    });

    test('units and runtimes as well', () => {
      const units = (manifest: Manifest, isUndone: boolean) =>
        manifest.units.filter(({ group }) => undone.has(group) === isUndone);
      expect(units(settled, true)).toEqual(units(before, true));
      expect(units(settled, false)).toEqual(units(journal.after, false));
      const indices = (manifest: Manifest, isUndone: boolean) =>
        (manifest.runtimes ?? []).filter(({ index }) => undone.has(index) === isUndone);
      expect(indices(settled, true)).toEqual(indices(before, true));
      expect(indices(settled, false)).toEqual(indices(journal.after, false));
    });

    test('no path stands there twice, and all are in order', () => {
      for (const key of ['files', 'links'] as const) {
        const names = settled[key].map((entry) => entry.path);
        expect(names).toEqual([...new Set(names)].sort());
      }
      expect(settled.dirs).toEqual([...new Set(settled.dirs)].sort());
    });

    test('no device is forgotten', () => {
      const addresses = (manifest: Manifest) => (manifest.devices ?? []).map((pin) => pin.address);
      const all = [...addresses(before), ...addresses(journal.after)];
      expect(new Set(addresses(settled))).toEqual(new Set(all));
    });
  },
);

test('where everything went back the record is the one of before, generation and all', () => {
  const all = {
    ...journal,
    groups: journal.groups.map((group) => ({ ...group, state: 'undone' as const })),
  };
  expect(settledManifest(all, [])).toEqual(before);
});

test('where the first install went back nothing is recorded', async () => {
  const first = await journalOf('/example.toml', true);
  const groups = first.groups.map((group) => ({ ...group, state: 'undone' as const }));
  const settled = settledManifest({ ...first, groups }, []);
  expect(isEmptyManifest(settled)).toBe(true);
  expect(settled).toMatchObject({ generation: 0, units: [] });
});

test('a directory that stays since it is not empty stays in the record', () => {
  const kept = '/home/sdake/.local/state/vllmd-hypervisor/runtime-2';
  expect(settledManifest(journal, [kept]).dirs).toContain(kept);
  const all = {
    ...journal,
    groups: journal.groups.map((group) => ({ ...group, state: 'undone' as const })),
  };
  expect(settledManifest(all, ['/x']).dirs).toContain('/x');
});

test('a unit that was to start from a state that is gone is tried again by the next install', () => {
  const units = journal.units.map((unit) => ({
    ...unit,
    wasActive: false,
    verbs: ['start' as const],
  }));
  const groups = journal.groups.map((group) => ({
    ...group,
    state: group.runtimes.includes(1) ? ('undone' as const) : ('good' as const),
  }));
  const settled = settledManifest({ ...journal, units, groups }, []);
  expect(settled.units.map(({ name }) => name)).not.toContain('vllmd-runtime@1.service');
});

test('each unit says with which install its definition came', async () => {
  const machine = await installed('/memory.toml');
  const entry = machine.entries.get('/var/lib/vllmd/install/manifest.json');
  const { units, generation }: Manifest = JSON.parse(entry?.type === 'file' ? entry.text : '');
  const generations = new Map(units.map(({ name, generation: since }) => [name, since]));
  expect(generation).toBe(2);
  expect(generations.get('vllmd-runtime@1.service')).toBe(1);
  expect(generations.get('vllmd-runtime@2.service')).toBe(2);
  await healthy(machine, install('/memory.toml'));
});
