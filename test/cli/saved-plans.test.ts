import { expect, test, vi } from 'vitest';
import { type CallOptions, call, edit, healthy, install, installed } from '../support/call.ts';
import { pictureOf } from '../support/consistency.ts';
import { configs } from '../support/scenarios.ts';
import type { Simulation } from '../support/systemd.ts';

vi.mock('yargs', async (original) =>
  (await import('../support/quiet-yargs.ts')).quietYargs(original),
);

const file = '/tmp/plan.json';
const dropIn = '/etc/systemd/system/vllmd-runtime@1.service.d/10-vllmd.conf';
const carryOut = ['install', '--settle', '0', '--plan', file];

async function saved(argv = install('/memory.toml'), given?: Simulation): Promise<Simulation> {
  const machine = given ?? (await installed());
  await machine.host.mkdir('/tmp', { mode: 0o755, uid: 0, gid: 0 });
  const answer = await healthy(machine, [...argv, '--dry-run', '--plan-out', file]);
  expect(answer.err).toContain(`\`sudo vllmd install --plan ${file}\` carries it out`);
  return machine;
}

test('a saved plan is carried out as it was shown, by its own config', async () => {
  const machine = await saved();
  const shown = (await call(machine, [...install('/memory.toml'), '--dry-run'])).out;
  const answer = await call(machine, carryOut);
  expect(answer).toMatchObject({ code: 0, out: shown });
  expect(pictureOf(machine).units).toEqual(pictureOf(await installed('/memory.toml')).units);
});

test('a plan that would be refused is saved, and not said to be carried out', async () => {
  const machine = await installed();
  await machine.host.mkdir('/tmp', { mode: 0o755, uid: 0, gid: 0 });
  await edit(machine, dropIn, 'mine\n');
  const { err } = await healthy(machine, install('/memory.toml', '--dry-run', '--plan-out', file));
  expect(machine.entries.get(file)).toMatchObject({ type: 'file' });
  expect(err).toContain('A real run on this host would be refused');
  expect(err).toContain(`\`sudo vllmd install --plan ${file}\` is refused as things are`);
  expect(err).not.toContain('carries it out');
});

test('a saved plan is for its owner alone, and holds no text of a file', async () => {
  const machine = await saved();
  const entry = machine.entries.get(file);
  expect(entry).toMatchObject({ type: 'file', mode: 0o600, uid: 0 });
  expect(JSON.stringify(entry)).not.toContain('VLLMD_RUNTIME');
});

test('a saved plan remembers its flags', async () => {
  const machine = await saved(install('/memory.toml', '--no-restart'));
  const before = machine.units.get('vllmd-runtime@2.service');
  const answer = await call(machine, carryOut);
  expect(answer).toMatchObject({ code: 0 });
  expect(answer.out).toContain('because of --no-restart');
  expect(machine.units.get('vllmd-runtime@2.service')).toEqual(before);
});

test('a saved plan keeps the edits that it was told to overwrite', async () => {
  const machine = await installed();
  await edit(machine, dropIn, 'mine\n');
  await saved(install('/memory.toml', '--overwrite-drift', dropIn), machine);
  expect(await call(machine, carryOut)).toMatchObject({ code: 0 });
  expect(machine.entries.get(dropIn)).not.toMatchObject({ text: 'mine\n' });
});

type Stale = {
  readonly title: string;
  readonly happens: (machine: Simulation) => Promise<unknown>;
  readonly options?: CallOptions;
  readonly says: string;
};

const withText = (text: string): CallOptions => ({ texts: new Map([['/memory.toml', text]]) });

const stale: readonly Stale[] = [
  {
    title: 'another install ran',
    happens: (machine) => healthy(machine, install('/bridge.toml')),
    says: 'another install ran since: generation 1 is now 2',
  },
  {
    title: 'everything was installed afresh',
    happens: async (machine) => {
      await healthy(machine, ['uninstall']);
      await healthy(machine, install('/example.toml'));
    },
    says: 'the record of the installs is another one',
  },
  {
    title: 'a file was edited',
    happens: (machine) => edit(machine, dropIn, 'mine\n'),
    says: `${dropIn} was changed after the plan was saved`,
  },
  {
    title: 'a file was removed',
    happens: (machine) => machine.host.remove('/etc/vllmd/runtime-1.env'),
    says: '/etc/vllmd/runtime-1.env was removed after the plan was saved',
  },
  {
    title: 'a mode was changed',
    happens: async ({ host, entries }) => {
      const entry = entries.get('/etc/vllmd/runtime-1.env');
      const text = entry?.type === 'file' ? entry.text : '';
      await host.write('/etc/vllmd/runtime-1.env', text, { mode: 0o600, uid: 0, gid: 0 });
    },
    says: '/etc/vllmd/runtime-1.env was changed after the plan was saved',
  },
  {
    title: 'a unit was stopped by hand',
    happens: (machine) =>
      machine.host.run(['systemctl', 'stop', '--', 'vllmd-runtime@2.service'], 1000),
    says: 'vllmd-runtime@2.service would no longer be restarted',
  },
  {
    title: 'the config was changed',
    happens: async () => {},
    options: withText(`${configs.get('/memory.toml')}\n# another\n`),
    says: 'the config /memory.toml was changed after the plan was saved',
  },
  {
    title: 'vllmd is another one',
    happens: async () => {},
    options: { world: { version: '9.9.9' } },
    says: 'the plan is one of vllmd 0.0.0-test, this is 9.9.9',
  },
];

test.for(stale)('a saved plan is refused when $title', async ({ happens, options, says }) => {
  const machine = await saved();
  await happens(machine);
  const before = pictureOf(machine);
  const answer = await call(machine, carryOut, options);
  expect(answer).toMatchObject({ code: 5, out: '' });
  expect(answer.err).toContain(`nothing was changed: the plan in ${file} is stale`);
  expect(answer.err).toContain(says);
  expect(answer.err).toContain('--plan-out FILE');
  expect(pictureOf(machine)).toEqual(before);
});

test('a saved plan that has been carried out is stale', async () => {
  const machine = await saved();
  await healthy(machine, carryOut);
  expect(await call(machine, carryOut)).toMatchObject({ code: 5 });
});

test('a saved plan has its own config, and no other is taken', async () => {
  const machine = await saved();
  const other = await call(machine, [...carryOut, '--config', '/example.toml']);
  expect(other).toMatchObject({ code: 64 });
  expect(other.err).toContain('--config: the saved plan is of /memory.toml');
  expect((await call(machine, [...carryOut, '--config', '/memory.toml'])).code).toBe(0);
});

test.for([
  ['', 'it is not JSON'],
  ['[]', 'it is not a JSON object'],
  ['{}', 'it lacks entries'],
  ['{"format_version":"2.0"}', 'it has format "2.0"'],
] as const)('what is no saved plan (%s) is wrong usage', async ([text, says]) => {
  const machine = await installed();
  await edit(machine, '/etc/plan.json', text);
  const answer = await call(machine, ['install', '--plan', '/etc/plan.json']);
  expect(answer).toMatchObject({ code: 64 });
  expect(answer.err).toContain(`this is no saved plan: ${says}`);
});

test('a saved plan that is not there is wrong usage', async () => {
  const answer = await call(await installed(), ['install', '--plan', '/none.json']);
  expect(answer).toMatchObject({ code: 64 });
  expect(answer.err).toContain('cannot read the plan /none.json');
});

test('without root a plan that cannot see everything is not saved, and none is carried out', async () => {
  const machine = await saved();
  const host = {
    ...machine.host,
    read: async (path: string) =>
      path.startsWith('/var/lib/vllmd/install')
        ? ({ type: 'hidden' } as const)
        : machine.host.read(path),
  };
  const options = { host, world: { uid: 1000 } };
  const argv = [...install('/memory.toml'), '--dry-run', '--plan-out', '/tmp/other.json'];
  const unsaved = await call(machine, argv, options);
  expect(unsaved).toMatchObject({ code: 77 });
  expect(unsaved.err).toContain('run `sudo vllmd install ');
  expect(machine.entries.has('/tmp/other.json')).toBe(false);
  expect(await call(machine, carryOut, options)).toMatchObject({ code: 77, out: '' });
});

test('--plan and --dry-run together are wrong usage', async () => {
  const answer = await call(await saved(), [...carryOut, '--dry-run']);
  expect(answer).toMatchObject({ code: 64 });
});
