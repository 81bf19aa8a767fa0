import { expect, test } from 'vitest';
import type { Attention } from '../../src/core/report/attention.ts';
import { call, edit, installed } from '../support/call.ts';
import type { Simulation } from '../support/systemd.ts';

async function attentionOf(machine: Simulation): Promise<readonly Attention[]> {
  return JSON.parse((await call(machine, ['status', '--json'])).out).attention;
}

test('a runtime is not to be restarted into an edit that nobody has looked at', async () => {
  const machine = await installed();
  const path = '/etc/vllmd/runtime-1.env';
  const entry = machine.entries.get(path);
  if (entry?.type !== 'file') throw new Error(`there is no ${path}`);
  await edit(machine, path, `${entry.text}CPUS=64\n`);
  const attention = await attentionOf(machine);
  expect(attention.map(({ code, subject }) => [code, subject])).toEqual([
    ['edited', path],
    ['restart-pending', 'vllmd-runtime@1.service'],
  ]);
  expect(attention[1]?.text).toContain('would start with what was changed by hand');
  expect(JSON.stringify(attention)).not.toContain('systemctl restart');
});

test('an install that an edit refuses is advised for what it would do once that is settled', async () => {
  const machine = await installed();
  await edit(machine, '/etc/vllmd/network.env', 'SUBNET=\n');
  await machine.host.remove('/etc/vllmd/libexec/tap');
  const attention = await attentionOf(machine);
  expect(attention[0]).toMatchObject({ code: 'edited', subject: '/etc/vllmd/network.env' });
  const installs = attention
    .flatMap(({ commands }) => commands)
    .filter(({ command }) => command === 'sudo vllmd install');
  expect(installs.length).toBeGreaterThan(0);
  for (const { why } of installs) {
    expect(why).toMatch(/, once what was changed by hand is settled$/);
  }
});
