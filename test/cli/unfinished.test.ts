import { expect, test, vi } from 'vitest';
import { call, healthy, install, installed } from '../support/call.ts';
import { faulty } from '../support/faulty-host.ts';
import { type Simulation, simulatedHost } from '../support/systemd.ts';

vi.mock('yargs', async (original) =>
  (await import('../support/quiet-yargs.ts')).quietYargs(original),
);

/** Killed in the middle of its writes. */
async function cutOff(machine: Simulation, config: string): Promise<Simulation> {
  const probe = faulty(machine.fork().host, -1, undefined);
  await call(machine.fork(), install(config), { host: probe });
  const at = probe.operations.findIndex((name) => /^write .*runtime-2\.vm\.json/.test(name));
  await call(machine, install(config), { host: faulty(machine.host, at, 'dies-after') });
  expect(machine.entries.has('/var/lib/vllmd/install/journal.json')).toBe(true);
  return machine;
}

test('a dry run says that a real run would first deal with the install that was cut off', async () => {
  const machine = await cutOff(await installed(), '/memory.toml');
  const before = new Map(machine.entries);
  const answer = await call(machine, [...install('/memory.toml'), '--dry-run']);
  expect(answer).toMatchObject({ code: 0 });
  expect(answer.err).toContain('warning: an earlier install was cut off');
  expect(new Map(machine.entries)).toEqual(before);
});

test('status and verify say that an install was cut off, and what helps', async () => {
  const machine = await cutOff(await installed(), '/memory.toml');
  const status = await call(machine, ['status']);
  expect(status).toMatchObject({ code: 0 });
  expect(status.out).toContain('an install was interrupted: `sudo vllmd recover`');
  expect(JSON.parse((await call(machine, ['status', '--json'])).out)).toMatchObject({
    interrupted: true,
    unconfirmed: false,
  });
  const verify = await call(machine, ['verify']);
  expect(verify).toMatchObject({ code: 2 });
  expect(verify.out).toContain('interrupted: vllmd: an install was cut off: `sudo vllmd recover`');
  await healthy(machine, ['recover']);
  expect((await call(machine, ['verify', '--config', '/example.toml'])).code).toBe(0);
});

test('status of a first install that was cut off does not say that nothing is installed', async () => {
  const machine = await cutOff(simulatedHost(), '/example.toml');
  const { out, code } = await call(machine, ['status']);
  expect(code).toBe(0);
  expect(out).toContain('an install was interrupted');
  expect(out).not.toContain('nothing here');
});

test('verify of a first install that was cut off says so', async () => {
  const machine = await cutOff(simulatedHost(), '/example.toml');
  const { out, code } = await call(machine, ['verify', '--json']);
  expect(code).toBe(2);
  expect(JSON.parse(out)).toMatchObject({ ok: false, findings: [{ code: 'interrupted' }] });
});

test('status and verify say that an install waits to be confirmed', async () => {
  const machine = await installed();
  await healthy(machine, install('/memory.toml', '--confirm-within', '10m'));
  expect((await call(machine, ['status'])).out).toContain(
    'the last install waits to be confirmed: `sudo vllmd confirm` keeps it',
  );
  const verify = await call(machine, ['verify', '--json']);
  expect(verify).toMatchObject({ code: 2 });
  expect(JSON.parse(verify.out)).toMatchObject({ findings: [{ code: 'unconfirmed' }] });
  await healthy(machine, ['confirm']);
  expect((await call(machine, ['verify'])).code).toBe(0);
});

test('verify compares with the config that was installed, or with the one that is named', async () => {
  const machine = await installed();
  expect(await call(machine, ['verify'])).toMatchObject({
    code: 0,
    out: 'as installed: generation 1\n',
  });
  const other = await call(machine, ['verify', '--config', '/memory.toml']);
  expect(other).toMatchObject({ code: 2 });
  expect(other.out).toContain('changes-pending: /memory.toml');
  const gone = await call(machine, ['verify'], {
    world: { readConfigFile: () => ({ kind: 'absent' }) },
  });
  expect(gone).toMatchObject({ code: 0 });
  expect(gone.err).toContain('/example.toml cannot be read');
  const invalid = await call(machine, ['verify'], { texts: new Map([['/example.toml', '=']]) });
  expect(invalid).toMatchObject({ code: 2 });
  expect(invalid.out).toContain('config-invalid: /example.toml');
});

test('verify of a host without installs is not as it was installed', async () => {
  const answer = await call(simulatedHost(), ['verify']);
  expect(answer).toMatchObject({ code: 2 });
  expect(answer.out).toContain('not-installed');
});
