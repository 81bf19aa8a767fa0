import fc from 'fast-check';
import { expect, test } from 'vitest';
import { execute } from '../../src/host/fleet/execute/execute.ts';
import { planOf, recordOf, scriptedFleet } from '../support/scripted-fleet.ts';

const commands = ['stop', 'cleanup', 'apply', 'verify', 'probe', 'rollback'] as const;

const trouble = fc.record({
  /** Which hosts were active before. */
  from: fc.constantFrom([], ['h1'], ['h2'], ['h1', 'h2']),
  target: fc.constantFrom('h1', 'h2'),
  failing: fc.subarray([...commands]),
  /** How what is started is, when it is started and later. */
  start: fc.constantFrom('running', 'gone'),
  later: fc.constantFrom('running', 'gone'),
  outlivesItsEnd: fc.boolean(),
  isStopProbed: fc.boolean(),
  signalAt: fc.option(fc.nat(12), { nil: undefined }),
  deathAt: fc.option(fc.nat(12), { nil: undefined }),
});

type Trouble = typeof trouble extends fc.Arbitrary<infer Value> ? Value : never;

async function carriedOut(given: Trouble) {
  const { from, target, failing, start, later, outlivesItsEnd, signalAt, deathAt } = given;
  const [first] = from;
  const active = first === undefined ? undefined : recordOf(first, { host_ids: from });
  const fleet = scriptedFleet({
    ...(active === undefined ? {} : { active }),
    ...(signalAt === undefined ? {} : { signalAt }),
    ...(deathAt === undefined ? {} : { deathAt }),
    answer: (command) =>
      failing.some((one) => command.startsWith(one)) ? { exitCode: 1 } : undefined,
    start: () => ({ kind: start }),
    state: (isProbed) => ({ kind: isProbed ? later : 'running' }),
    end: () => (outlivesItsEnd ? 'it does not end' : undefined),
  });
  const execution = await execute(
    planOf({ target, from, isStopProbed: given.isStopProbed }),
    fleet.context,
  );
  return { ...fleet, execution, active };
}

const often = { numRuns: 300 };

test('whatever fails, and whenever vllmd is ended or killed, what may run is on record', async () => {
  await fc.assert(
    fc.asyncProperty(trouble, async (given) => {
      const { running, record } = await carriedOut(given);
      for (const id of running) expect(record()?.host_ids).toContain(id);
    }),
    often,
  );
});

const survived = trouble.map((given) => ({ ...given, deathAt: undefined }));

test('a selection ends with the new model alone, or with nothing of it that is not told', async () => {
  await fc.assert(
    fc.asyncProperty(survived, async (given) => {
      const { running, record, execution, active } = await carriedOut(given);
      const known = record();
      if (execution.failure === undefined) {
        expect(known).toMatchObject({ model_id: 'new', healthy: true, host_ids: [given.target] });
        expect([...running]).toEqual([given.target]);
        return;
      }
      if (known?.model_id === 'new') expect(execution.isIncomplete).toBe(true);
      if (known?.healthy === true) expect(known).toBe(active);
    }),
    often,
  );
});

test('a backend that was applied is rolled back exactly when a step fails', async () => {
  await fc.assert(
    fc.asyncProperty(survived, async (given) => {
      const { calls, execution } = await carriedOut(given);
      const { target } = given;
      const isApplied = calls.includes(`${target}: apply ${target}`);
      const isRolledBack = calls.includes(`${target}: rollback ${target}`);
      expect(isRolledBack).toBe(isApplied && execution.failure !== undefined);
    }),
    often,
  );
});
