import { expect, test } from 'vitest';
import type { ConfigInput } from '../src/core/config/config-input.gen.ts';
import { transactionOf } from '../src/core/transaction/groups.ts';
import { readUnits } from '../src/host/systemctl.ts';
import { installed, prepareFor } from './support/apply.ts';
import { describedHost } from './support/world.ts';

/** Runtimes without GPUs, of which a host can have any number. */
function configOf(count: number): ConfigInput {
  const runtimes = Array.from({ length: count }, (_, position) => ({
    ...{ index: position + 1, name: `runtime ${position + 1}` },
    ...{ gpus: [], memory_gb: 1, cpus: 1 },
  }));
  return { global: { user: 'sdake' }, runtimes };
}

async function callsOfNothingToDo(count: number): Promise<readonly string[]> {
  const host = describedHost();
  const config = configOf(count);
  await installed(config, host);
  const calls: string[] = [];
  const counting = {
    ...host,
    query: (argv: readonly string[]) => {
      calls.push(argv.slice(0, 2).join(' '));
      return host.query(argv);
    },
  };
  const { transaction } = await prepareFor(config, counting);
  expect(transaction.plan).toMatchObject({ changes: [], actions: [] });
  return calls.filter((call) => call.startsWith('systemctl'));
}

test('where there is nothing to do, systemd is asked as often for 60 runtimes as for two', async () => {
  const few = await callsOfNothingToDo(2);
  expect(few).toContain('systemctl show');
  expect(await callsOfNothingToDo(60)).toEqual(few);
});

test('the units of a thousand runtimes are asked for in one call, and fit on its command line', async () => {
  const units = Array.from({ length: 1000 }, (_, index) => [
    `vllmd-runtime@${index}.service`,
    `vllmd-runtime-pre-start@${index}.service`,
    `vllmd-vfio@0000:${index.toString(16).padStart(4, '0')}:00.0.service`,
  ]).flat();
  const sizes: number[] = [];
  const host = {
    ...describedHost(),
    query: async (argv: readonly string[]) => {
      sizes.push(argv.join(' ').length);
      return { exitCode: 0, stdout: '', stderr: '' };
    },
  };
  await readUnits(host, units);
  expect(sizes).toHaveLength(1);
  // Linux has room for 2 MiB with the limit of the stack that it has by default.
  expect(sizes[0]).toBeLessThan(1024 * 1024);
});

test('a plan is taken apart into groups with as many steps a runtime, however many there are', async () => {
  const { transaction, wholePlan, manifest } = await prepareFor(configOf(60), describedHost());
  expect(transaction.groups).toHaveLength(61);
  let looks = 0;
  const counted = wholePlan.changes.map(
    (change) =>
      new Proxy(change, {
        get: (of, key) => {
          looks += 1;
          return Reflect.get(of, key);
        },
      }),
  );
  transactionOf({ ...wholePlan, changes: counted }, manifest);
  expect(looks).toBeLessThan(20 * counted.length);
});
