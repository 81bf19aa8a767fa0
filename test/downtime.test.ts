import { expect, test } from 'vitest';
import { run } from '../src/cli/run.ts';
import type { Host } from '../src/host/host.ts';
import { FIXTURES } from './support/fixtures.ts';
import { describedHost, testWorld } from './support/world.ts';

const install = (config: string) => [
  'install',
  '--settle',
  '0',
  '--config',
  `${FIXTURES}${config}/vllmd.toml`,
];
const disk = '/home/sdake/.local/state/vllmd-hypervisor/runtime-2/disk.raw';

test('how long a restart took is in the next plan, and --max-downtime goes by it', async () => {
  const host = describedHost();
  let clock = 0;
  const slow: Host = {
    ...host,
    run: async (argv, timeoutMs) => {
      if (argv[1] === 'restart' && argv.includes('vllmd-runtime@2.service')) clock += 42_000;
      return host.run(argv, timeoutMs);
    },
  };
  const slowWorld = () => ({ ...testWorld(slow), now: () => clock });
  expect(await run(install('contract-example'), slowWorld())).toBe(0);
  // The first start copies the base image, which says nothing of the next one.
  await host.write(disk, '', { mode: 0o600, uid: 1000, gid: 1000 });
  expect(await run(install('memory-changed'), slowWorld())).toBe(0);
  const next = testWorld(host);
  expect(await run([...install('contract-example'), '--dry-run'], next)).toBe(0);
  expect(next.out()).toMatch(/restart vllmd-runtime@2\.service .*; its last start took 42s\n/);
  expect(next.out()).toContain('without a runtime: about 42s in all');
  const refused = testWorld(host);
  expect(await run([...install('contract-example'), '--max-downtime', '30s'], refused)).toBe(6);
  expect(refused.err()).toContain('error[max-downtime]');
  expect(await run([...install('contract-example'), '--max-downtime', '1m'], testWorld(host))).toBe(
    0,
  );
});
