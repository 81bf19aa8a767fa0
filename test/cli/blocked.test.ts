import { expect, test, vi } from 'vitest';
import { call, edit, healthy, install, installed } from '../support/call.ts';
import type { Simulation } from '../support/systemd.ts';

vi.mock('yargs', async (original) =>
  (await import('../support/quiet-yargs.ts')).quietYargs(original),
);

const second = 'vllmd-runtime@2.service';
const gpu = 'vllmd-vfio@0000:02:00.0.service';
const network = 'vllmd-network.service';
const failed = { active: 'failed', sub: 'failed', result: 'exit-code', pid: 0 } as const;
const down = { active: 'inactive', sub: 'dead', pid: 0 } as const;

/** As after a boot at which a GPU could not be bound. */
async function withoutGpu(): Promise<Simulation> {
  const machine = await installed();
  machine.becomes(gpu, failed);
  machine.becomes(second, down);
  return machine;
}

async function findings(machine: Simulation) {
  const { code, out } = await call(machine, ['verify', '--json']);
  return { code, findings: JSON.parse(out).findings };
}

test('a runtime whose GPU could not be bound is not taken for one that somebody has stopped', async () => {
  const machine = await withoutGpu();
  const { out } = await healthy(machine, ['status']);
  expect(out).toMatch(/^2 +runtime-2 +not started /m);
  expect(out).toContain(`runtime 2 did not start: ${gpu} has failed\n`);
  expect(out).not.toContain('stopped by operator');
  expect(out).toMatch(new RegExp(`^ +journalctl -u ${gpu} -n 50 +# what it said last$`, 'm'));
  expect(out).toMatch(new RegExp(`^ +sudo systemctl start ${second} +# once that is cured$`, 'm'));
  expect(await findings(machine)).toMatchObject({
    code: 2,
    findings: [
      { code: 'failed', subject: gpu },
      { code: 'failed', subject: second, detail: `it did not start: ${gpu} has failed` },
    ],
  });
});

test('such a runtime is left so with a note, and --retry-failed starts it', async () => {
  const machine = await withoutGpu();
  const { out } = await healthy(machine, install('/example.toml'));
  expect(out).toContain(`not started: ${gpu} has failed`);
  expect(machine.units.get(second)).toMatchObject({ active: 'inactive' });
  await healthy(machine, install('/example.toml', '--retry-failed'));
  expect(machine.units.get(second)).toMatchObject({ active: 'active' });
  expect(machine.units.get(gpu)).toMatchObject({ active: 'active' });
  expect(await findings(machine)).toEqual({ code: 0, findings: [] });
});

test('a runtime that somebody has stopped is said as such', async () => {
  const machine = await installed();
  machine.becomes(second, { ...down, since: 1_700_000_000 });
  expect((await healthy(machine, ['status'])).out).toContain('stopped by operator');
  expect(await findings(machine)).toEqual({ code: 0, findings: [] });
});

test('a network that has failed is told by status and verify', async () => {
  const machine = await installed();
  machine.becomes(network, failed);
  expect((await healthy(machine, ['status'])).out).toContain(`  ${network} has failed\n`);
  expect(await findings(machine)).toMatchObject({
    code: 2,
    findings: [{ code: 'failed', subject: network }],
  });
});

test('a network that waits for its restart is told, also when the runtimes have been restarted', async () => {
  const machine = await installed();
  await healthy(machine, install('/bridge.toml', '--no-restart'));
  for (const index of [1, 2]) {
    await machine.host.run(['systemctl', 'restart', '--', `vllmd-runtime@${index}.service`], 1000);
  }
  expect((await healthy(machine, ['status'])).out).toContain(`restart pending: ${network}`);
  expect(await findings(machine)).toMatchObject({
    code: 2,
    findings: [{ code: 'restart-pending', subject: network }],
  });
});

test('a runtime whose unit asserted what was not there is not said to be stopped by somebody', async () => {
  const machine = await installed();
  const { host } = machine;
  machine.becomes(second, down);
  const show = async (argv: readonly string[]) => {
    const result = await host.query(argv);
    const unmet = `Id=${second}\nAssertResult=no\nAssertTimestampMonotonic=7`;
    return { ...result, stdout: result.stdout.replace(`Id=${second}`, unmet) };
  };
  const answer = await call(machine, ['status'], { host: { ...host, query: show } });
  expect(answer.out).toContain('runtime 2 did not start: what its unit asserts was not there\n');
  expect(answer.out).toContain(`  systemctl status ${second} `);
  expect(answer.out).not.toContain('stopped by operator');
});

test('what differs beside a told unit is still told as a change that is pending', async () => {
  const machine = await installed();
  await edit(
    machine,
    '/etc/systemd/system/vllmd-runtime@1.service.d/50-mine.conf',
    '[Service]\nNice=1\n',
  );
  const { findings: found } = await findings(machine);
  expect(found).toMatchObject([{ code: 'restart-pending', subject: 'vllmd-runtime@1.service' }]);
});
