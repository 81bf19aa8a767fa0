import { expect, test } from 'vitest';
import { run } from '../../../src/cli/run.ts';
import { precheck } from '../../../src/core/precheck/precheck.ts';
import type { Host } from '../../../src/host/host.ts';
import { readPrecheck } from '../../../src/host/read-precheck.ts';
import { describedHost, testWorld } from '../../support/world.ts';
import { checksOf, one } from './checks-of.ts';

test('a host as it should be has nothing to warn of', async () => {
  const rows = await checksOf(describedHost(one));
  expect(rows.filter(({ verdict }) => !['pass', 'info'].includes(verdict))).toEqual([]);
});

test('without root a check says what it cannot see, and fails nothing for it', async () => {
  const host = describedHost(one);
  const limited: Host = {
    ...host,
    readBytes: async (path, count) => {
      const bytes = await host.readBytes(path, count);
      return path.endsWith('/config') ? bytes?.subarray(0, 64) : bytes;
    },
  };
  const rows = await checksOf(limited, false);
  const rooted = rows.filter(({ verdict }) => verdict === 'info, needs root');
  expect(rooted.map(({ id }) => id)).toEqual(['acs', 'gpu-interrupts']);
  const world = testWorld(limited, { uid: 1000, readConfigFile: () => ({ kind: 'absent' }) });
  expect(await run(['precheck', '--lenient'], world)).toBe(0);
  expect(world.out()).toContain(
    '2 checks could say more to root: sudo vllmd precheck --lenient\nREADY: ',
  );
  const recording = testWorld(limited, { uid: 1000, readConfigFile: () => ({ kind: 'absent' }) });
  expect(await run(['facts'], recording)).toBe(0);
  const bytes = new TextEncoder().encode(recording.out());
  const elsewhere = testWorld(host, { readConfigFile: () => ({ kind: 'bytes', bytes }) });
  expect(await run(['precheck', '--facts', '/facts.json'], elsewhere)).toBe(0);
  expect(elsewhere.out()).toContain(
    '2 checks could say more to root: on that host, sudo vllmd facts > facts.json\nREADY: ',
  );
});

test('a failure costs more than any warning, and one kind of problem counts once', async () => {
  const view = await readPrecheck(
    describedHost({ missing: ['/usr/sbin/nft', '/usr/sbin/ip'], freeGib: 20 }),
    undefined,
  );
  const result = precheck({ ...view, config: { kind: 'none', why: 'no config' }, isRoot: true });
  const scores = Object.fromEntries(result.subsystems.map(({ name, score }) => [name, score]));
  expect(scores).toMatchObject({ software: 40, storage: 90, cpu: 100 });
  expect(result).toMatchObject({ isReady: false, score: 40 });
});
