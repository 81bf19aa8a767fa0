import { expect, test, vi } from 'vitest';
import { call, edit, healthy, install, installed } from '../support/call.ts';
import { configs } from '../support/scenarios.ts';
import { type Simulation, simulatedHost } from '../support/systemd.ts';

vi.mock('yargs', async (original) =>
  (await import('../support/quiet-yargs.ts')).quietYargs(original),
);

const dropIn = (index: number) =>
  `/etc/systemd/system/vllmd-runtime@${index}.service.d/10-vllmd.conf`;
const example = configs.get('/example.toml') ?? '';
const texts = new Map([
  // Both GPUs at runtime 1, and runtime 2 goes on without one.
  [
    '/both.toml',
    example
      .replace('["0000:01:00.0"]', '["0000:01:00.0", "0000:02:00.0"]')
      .replace(/^gpus = \["0000:02:00\.0"\]$/m, 'gpus = []'),
  ],
  [
    '/protected.toml',
    example
      .replace(/^index = 2$/m, 'index = 2\nprevent_removal = true')
      .replace(/^/, 'schema_version = 2\n'),
  ],
]);

/** The example, with the drop-in of a runtime deleted while its VM goes on. */
async function withoutDropIn(index: number): Promise<Simulation> {
  const machine = await installed();
  await machine.host.remove(dropIn(index));
  return machine;
}

function isActive(machine: Simulation, unit: string): boolean {
  return machine.units.get(unit)?.active === 'active';
}

test('a runtime that is dropped is stopped, and its GPU given up, though its drop-in is gone', async () => {
  const machine = await withoutDropIn(2);
  const { out } = await healthy(machine, install('/fewer.toml'));
  expect(out).toMatch(/stop vllmd-runtime@2\.service .*\n.*stop vllmd-vfio@0000:02:00\.0\.service/);
  expect(isActive(machine, 'vllmd-runtime@2.service')).toBe(false);
  expect(isActive(machine, 'vllmd-vfio@0000:02:00.0.service')).toBe(false);
});

test('a GPU moves from a runtime whose drop-in is gone only after that has stopped', async () => {
  const machine = await withoutDropIn(2);
  const { out } = await healthy(machine, install('/both.toml'), { texts });
  expect(out).toContain('stop vllmd-runtime@2.service');
  expect(machine.violations).toEqual([]);
});

test('an uninstall stops a runtime whose drop-in is gone', async () => {
  const machine = await withoutDropIn(1);
  await healthy(machine, ['uninstall']);
  expect([...machine.units].filter(([, { active }]) => active === 'active')).toEqual([]);
});

test('a GPU is given up also where an edit of the drop-in does not ask for it any more', async () => {
  const machine = await installed();
  await edit(machine, dropIn(2), '[Service]\nUser=sdake\n');
  await healthy(machine, install('/fewer.toml', '--overwrite-drift', dropIn(2)));
  expect(isActive(machine, 'vllmd-vfio@0000:02:00.0.service')).toBe(false);
});

test('prevent_removal holds though the drop-in is gone', async () => {
  const machine = simulatedHost();
  await healthy(machine, install('/protected.toml'), { texts });
  await machine.host.remove(dropIn(2));
  expect(await call(machine, install('/fewer.toml'))).toMatchObject({ code: 6 });
  expect(isActive(machine, 'vllmd-runtime@2.service')).toBe(true);
});

test('status tells the state of a runtime whose drop-in is gone', async () => {
  const { out } = await healthy(await withoutDropIn(1), ['status']);
  expect(out).toMatch(/^1 +runtime-1 +running +- +\d+ +0000:01:00\.0 vfio-pci/m);
});
