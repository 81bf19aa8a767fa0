import { expect, test } from 'vitest';
import { givenBy } from '../../../src/core/vm/given.ts';
import { call, installed } from '../../support/call.ts';

test.for(['1e999', '-4', '1.5', '"4"', 'null'])('a number of CPUs of %s is none', (text) => {
  expect(givenBy(`{"cpus": {"boot_vcpus": ${text}}}`).cpus).toBe(0);
});

test('an address that the service user made up reaches neither the terminal nor a program', async () => {
  const machine = await installed();
  const path = '/run/vllmd/1/booted';
  const entry = machine.entries.get(path);
  if (entry?.type !== 'file') throw new Error(`there is no ${path}`);
  expect(entry.text).toMatch(/VLLMD_RUNTIME_ADDRESS=10/);
  const made = entry.text.replace(
    /VLLMD_RUNTIME_ADDRESS=10[\d.]*/,
    'VLLMD_RUNTIME_ADDRESS=\u001b]0;all is well\u0007',
  );
  await machine.host.write(path, made, { mode: 0o644, uid: 1000, gid: 1000 });
  const { out } = await call(machine, ['status']);
  expect(out).not.toContain('\u001b');
  expect(out).not.toContain('all is well');
});
