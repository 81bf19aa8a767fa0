import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ConfigInput } from '../src/core/config/config-input.gen.ts';
import type { Entry } from '../src/core/plan/observed.ts';
import { type Plan, plan } from '../src/core/plan/plan.ts';
import type { Artefact } from '../src/core/render/artefact.ts';
import { compose } from '../src/host/compose.ts';
import { observe } from '../src/host/inspect.ts';
import type { MemoryHost } from '../src/host/memory-host.ts';
import { installed, prepareFor, uninstalled } from './support/apply.ts';
import { describedHost } from './support/world.ts';

/** Small numbers, so that configs meet each other in indices and GPUs. */
const configs: fc.Arbitrary<ConfigInput> = fc
  .uniqueArray(
    fc.record({
      index: fc.integer({ min: 1, max: 5 }),
      memory_gb: fc.integer({ min: 1, max: 3 }),
      cpus: fc.integer({ min: 1, max: 3 }),
      gpuCount: fc.integer({ min: 0, max: 2 }),
    }),
    { selector: ({ index }) => index, maxLength: 4 },
  )
  .chain((runtimes) =>
    fc.shuffledSubarray([1, 2, 3, 4, 5, 6, 7, 8], { minLength: 8, maxLength: 8 }).map((slots) => ({
      global: { user: 'sdake' },
      runtimes: runtimes.map(({ gpuCount, ...runtime }, position) => ({
        ...runtime,
        name: `runtime ${runtime.index}`,
        gpus: slots
          .slice(2 * position, 2 * position + gpuCount)
          .map((slot) => `0000:0${slot}:00.0`),
      })),
    })),
  );

async function planFor(input: ConfigInput, host: MemoryHost): Promise<Plan> {
  return (await prepareFor(input, host)).transaction.plan;
}

test('after an install there is nothing left to do, whatever was there before', async () => {
  await fc.assert(
    fc.asyncProperty(configs, configs, async (before, after) => {
      const host = describedHost();
      await installed(before, host);
      await installed(after, host);
      const again = await planFor(after, host);
      expect({ changes: again.changes, actions: again.actions }).toEqual({
        changes: [],
        actions: [],
      });
    }),
    { numRuns: 60 },
  );
});

test('a second install of the same config changes no byte and runs no command', async () => {
  await fc.assert(
    fc.asyncProperty(configs, async (input) => {
      const host = describedHost();
      await installed(input, host);
      const entries = new Map(host.entries);
      const commands = host.commands.length;
      await installed(input, host);
      expect(new Map(host.entries)).toEqual(entries);
      expect(host.commands.length).toBe(commands);
    }),
    { numRuns: 30 },
  );
});

test('an uninstall puts back what was there before the first install', async () => {
  await fc.assert(
    fc.asyncProperty(configs, configs, async (first, second) => {
      const host = describedHost();
      const before = new Map(host.entries);
      await installed(first, host);
      await installed(second, host);
      await uninstalled(host);
      expect(new Map(host.entries)).toEqual(before);
    }),
    { numRuns: 30 },
  );
});

test('an install runs at most one daemon-reload, and it comes before every start and restart', async () => {
  await fc.assert(
    fc.asyncProperty(configs, configs, async (before, after) => {
      const host = describedHost();
      await installed(before, host);
      const verbs = (await installed(after, host)).actions.map((action) => action.verb);
      const reloads = verbs.filter((verb) => verb === 'daemon-reload');
      const firstStart = verbs.findIndex((verb) => verb === 'start' || verb === 'restart');
      expect(reloads.length).toBeLessThanOrEqual(1);
      if (reloads.length === 1 && firstStart >= 0) {
        expect(verbs.indexOf('daemon-reload')).toBeLessThan(firstStart);
      }
    }),
    { numRuns: 60 },
  );
});

test('the order of the artefacts does not change the plan', async () => {
  await fc.assert(
    fc.asyncProperty(configs, fc.integer(), async (input, seed) => {
      const host = describedHost();
      const { desired, artefacts } = await compose(input, host);
      const observed = await observe(host, artefacts, 'none');
      const shuffled: readonly Artefact[] = artefacts.toSorted(
        (a, b) => ((a.path.length * seed) % 7) - ((b.path.length * seed) % 7),
      );
      const given = { runtimes: desired.runtimes, observed, manifest: 'none' } as const;
      const changes = (list: readonly Artefact[]) => plan({ ...given, artefacts: list }).changes;
      expect(changes(shuffled)).toEqual(changes(artefacts));
    }),
    { numRuns: 30 },
  );
});

test('a runtime that did not change is neither stopped nor started', async () => {
  await fc.assert(
    fc.asyncProperty(configs, configs, async (before, after) => {
      const host = describedHost();
      await installed(before, host);
      const next = await planFor(after, host);
      const subnet = next.changes.some((change) => change.path === '/etc/vllmd/network.env');
      const same = (before.runtimes ?? []).filter((runtime) =>
        (after.runtimes ?? []).some((other) => JSON.stringify(other) === JSON.stringify(runtime)),
      );
      const touched = next.actions.map((action) => action.unit);
      for (const { index } of subnet ? [] : same) {
        expect(touched).not.toContain(`vllmd-runtime@${index}.service`);
      }
    }),
    { numRuns: 60 },
  );
});

test('nothing outside the record of earlier installs is ever deleted or overwritten', async () => {
  await fc.assert(
    fc.asyncProperty(configs, fc.nat(), async (input, pick) => {
      const host = describedHost();
      const { artefacts } = await compose(input, host);
      const files = artefacts.filter((artefact) => artefact.type === 'file');
      const victim = files[pick % files.length];
      if (victim === undefined) return;
      const observed = await observe(host, artefacts, 'none');
      const mine: Entry = { type: 'file', mode: 0o644, uid: 0, gid: 0, text: 'mine\n' };
      const entries = new Map([...observed.entries, [victim.path, mine] as const]);
      const withVictim = { ...observed, entries };
      const next = plan({ artefacts, runtimes: [], observed: withVictim, manifest: 'none' });
      expect(next.conflicts.map(({ path, kind }) => ({ path, kind }))).toEqual([
        { path: victim.path, kind: 'foreign' },
      ]);
      expect(next.changes.map((change) => change.path)).not.toContain(victim.path);
    }),
    { numRuns: 40 },
  );
});
