import { expect, test, vi } from 'vitest';
import { call, edit, healthy, install, installed } from '../support/call.ts';
import { faulty } from '../support/faulty-host.ts';
import { configs } from '../support/scenarios.ts';
import { type Simulation, simulatedHost } from '../support/systemd.ts';

vi.mock('yargs', async (original) =>
  (await import('../support/quiet-yargs.ts')).quietYargs(original),
);

const journal = '/var/lib/vllmd/install/journal.json';
const pending = '/var/lib/vllmd/install/confirm.json';
const commands = [[install('/memory.toml')], [['uninstall']], [['rollback', '1']]] as const;

/** Runtime 2 must not go. */
async function withProtected(): Promise<Simulation> {
  const texts = new Map([
    [
      '/protected.toml',
      `schema_version = 2\n${configs.get('/example.toml') ?? ''}`.replace(
        /^index = 2$/m,
        'index = 2\nprevent_removal = true',
      ),
    ],
  ]);
  const machine = simulatedHost();
  await healthy(machine, install('/protected.toml'), { texts });
  return machine;
}

async function unconfirmed(): Promise<Simulation> {
  const machine = await installed();
  await healthy(machine, install('/memory.toml', '--confirm-within', '10m'));
  return machine;
}

/** The dry run changes nothing, and ends with what the real run says and returns. */
async function saysTheSame(
  machine: Simulation,
  argv: readonly string[],
  expected: { readonly code: number; readonly says: readonly string[] },
): Promise<void> {
  const before = new Map(machine.entries);
  const dry = await call(machine, [...argv, '--dry-run']);
  const json = await call(machine, [...argv, '--dry-run', '--json']);
  const real = await call(machine, argv);
  expect(dry.code, dry.err).toBe(0);
  expect(real.code).toBe(expected.code);
  expect(dry.err).toContain('A real run on this host would be refused:');
  for (const word of expected.says) {
    expect(real.err).toContain(word);
    expect(dry.err).toContain(word);
  }
  expect(JSON.parse(json.out)).toMatchObject({
    applyable: false,
    diagnostics: [{ severity: 'error', message: expect.stringContaining(expected.says[0] ?? '') }],
  });
  expect(new Map(machine.entries)).toEqual(before);
}

test.for([[['uninstall']], [['rollback', '0']]] as const)(
  'a runtime with prevent_removal is not removed, and the dry run says so: %j',
  async ([argv]) => {
    const machine = await withProtected();
    const says = [
      'would remove runtime 2, installed with prevent_removal = true',
      'install once with prevent_removal = false before',
    ];
    await saysTheSame(machine, argv, { code: 6, says });
    expect(machine.units.get('vllmd-runtime@2.service')?.active).toBe('active');
    await healthy(machine, install('/example.toml'));
    await healthy(machine, argv);
  },
);

test.for([[install('/fewer.toml')], [['uninstall']]] as const)(
  'while an install waits the dry run says that a real run is refused: %j',
  async ([argv]) => {
    const machine = await unconfirmed();
    const says = ['generation 2 still waits for its confirmation', 'sudo vllmd confirm'];
    await saysTheSame(machine, argv, { code: 5, says });
  },
);

test('while an install waits the dry run of a rollback is not refused, as the rollback is not', async () => {
  const machine = await unconfirmed();
  const dry = await healthy(machine, ['rollback', '--dry-run']);
  expect(dry.err).not.toContain('refused');
  const real = await healthy(machine, ['rollback', '--settle', '0']);
  expect(real.out).toBe(dry.out);
});

test('a note of what waits that is damaged is told by the dry run of a rollback', async () => {
  const machine = await installed('/memory.toml');
  await edit(machine, pending, '{');
  await saysTheSame(machine, ['rollback'], { code: 1, says: [`${pending} is damaged`] });
});

test.for(commands)('a journal that is damaged is told by the dry run: %j', async ([argv]) => {
  const machine = await installed('/memory.toml');
  await edit(machine, journal, '{');
  await saysTheSame(machine, argv, { code: 8, says: [`${journal} is not whole`] });
});

test.for(commands)('what was cut off is told by the dry run: %j', async ([argv]) => {
  const machine = await installed();
  const probe = faulty(machine.fork().host, -1, undefined);
  await call(machine.fork(), install('/memory.toml'), { host: probe });
  const at = probe.operations.findIndex((name) => /^write .*runtime-2\.vm\.json/.test(name));
  await call(machine, install('/memory.toml'), { host: faulty(machine.host, at, 'dies-after') });
  expect(machine.entries.has(journal)).toBe(true);
  const { err } = await call(machine, [...argv, '--dry-run']);
  expect(err).toContain('warning: an earlier install was cut off: a real run finishes or undoes');
});

test.for([
  [unconfirmed, 5],
  [() => damagedJournal(), 8],
] as const)(
  'a dry run with --detailed-exitcode has the code of the refusal %#',
  async ([make, code]) => {
    const argv = [...install('/fewer.toml'), '--dry-run', '--detailed-exitcode'];
    expect((await call(await make(), argv)).code).toBe(code);
  },
);

async function damagedJournal(): Promise<Simulation> {
  const machine = await installed();
  await edit(machine, journal, '{');
  return machine;
}
