import { expect, test, vi } from 'vitest';
import { call, edit, healthy } from './support/call.ts';
import { faulty } from './support/faulty-host.ts';
import { llamaHost, twoInstances } from './support/llama-host.ts';
import { type Simulation, simulatedHost } from './support/systemd.ts';

vi.mock('yargs', async (original) =>
  (await import('./support/quiet-yargs.ts')).quietYargs(original),
);

const texts = new Map([
  ['/two.toml', twoInstances()],
  ['/changed.toml', twoInstances('ctx_size = 4096\n')],
  ['/secret.toml', twoInstances('api_key = "sk-very-secret"\n')],
  ['/one.toml', twoInstances().replace(/\[instance\.large[\s\S]*/, '')],
  ['/none.toml', '[master]\nenable = false\n'],
  ['/bad.toml', twoInstances('ctx_size = "bad"\n')],
]);

const small = 'vllmd-llama@small.service';
const large = 'vllmd-llama@large.service';
const dropIn = `/etc/systemd/system/${large}.d/10-vllmd.conf`;

function install(config: string, ...more: readonly string[]): readonly string[] {
  return ['llama', 'install', '--config', config, '--settle', '0', ...more];
}

function host(failsToStart?: (text: string) => boolean): Simulation {
  return simulatedHost({
    description: llamaHost,
    ...(failsToStart === undefined ? {} : { failsToStart }),
  });
}

async function installed(...configs: readonly string[]): Promise<Simulation> {
  const machine = host();
  for (const config of ['/two.toml', ...configs])
    await healthy(machine, install(config), { texts });
  return machine;
}

function own({ entries }: Simulation): readonly string[] {
  return [...entries.keys()].filter((path) => /vllmd/.test(path) && !/^\/(run|usr)\//.test(path));
}

function starts({ commands }: Simulation): readonly string[] {
  return commands
    .filter(([program, verb]) => program === 'systemctl' && /^(re)?start$/.test(verb ?? ''))
    .map((argv) =>
      argv
        .slice(1)
        .filter((word) => !word.startsWith('-'))
        .join(' '),
    );
}

test('the dry run writes nothing, and an install carries out the same plan', async () => {
  const machine = host();
  const before = own(machine);
  const dry = await call(machine, install('/two.toml', '--dry-run', '--detailed-exitcode'), {
    texts,
    world: { uid: 1000 },
  });
  expect(dry.code).toBe(2);
  expect(own(machine)).toEqual(before);
  const { out } = await healthy(machine, install('/two.toml'), { texts });
  expect(out).toBe(dry.out);
  expect(starts(machine)).toEqual([`start ${large}`, `start ${small}`, 'start vllmd-llama.target']);
  expect(machine.units.get(small)?.active).toBe('active');
  expect(machine.entries.has('/var/lib/vllmd/llama/manifest.json')).toBe(true);
  expect(machine.entries.has('/var/lib/vllmd/install')).toBe(false);
});

test('a second install does nothing', async () => {
  const machine = await installed();
  const count = machine.commands.length;
  const { out } = await healthy(machine, install('/two.toml', '--detailed-exitcode'), { texts });
  expect(out).toBe('Nothing to do: the host is as the config says.\n');
  expect(machine.commands.length).toBe(count);
});

test('only the instance that changed restarts', async () => {
  const machine = await installed();
  const before = machine.units.get(small)?.invocation;
  const { out } = await healthy(machine, install('/changed.toml'), { texts });
  expect(starts(machine).slice(3)).toEqual([`restart ${large}`]);
  expect(out).toContain('+ExecStart=:llama-server --host 127.0.0.1');
  expect(machine.units.get(small)?.invocation).toBe(before);
});

test('an instance that does not come up goes back alone, and what it said is shown', async () => {
  const machine = host((text) => text.includes('--ctx-size'));
  await healthy(machine, install('/two.toml'), { texts });
  const before = machine.units.get(small)?.invocation;
  const { code, err } = await call(machine, install('/changed.toml'), { texts });
  expect(code).toBe(4);
  expect(err).toContain(`${large} did not restart`);
  expect(err).toContain('  | it said why');
  expect(err).toContain('going back: instance large');
  expect(err).toContain('everything is as in generation 1');
  expect(machine.units.get(large)?.active).toBe('active');
  expect(machine.units.get(small)?.invocation).toBe(before);
  expect((await healthy(machine, install('/two.toml'), { texts })).out).toContain('Nothing to do');
});

test('a new instance that does not come up leaves nothing behind, and the others stay', async () => {
  const machine = host((text) => text.includes('8081'));
  const { code, err } = await call(machine, install('/two.toml'), { texts });
  expect(code).toBe(4);
  expect(err).toContain('generation 1 is in place, but not for instance large: not installed');
  expect(
    own(machine).filter((path) => path.includes('large') && !path.includes('/failed/')),
  ).toEqual([]);
  expect(machine.units.get(small)?.active).toBe('active');
});

test('an instance that goes from the config is stopped, and its files go', async () => {
  const machine = await installed();
  await healthy(machine, install('/one.toml'), { texts });
  expect(machine.units.get(large)?.active).toBe('inactive');
  expect(own(machine).filter((path) => path.includes('large'))).toEqual([]);
  expect(machine.units.get(small)?.active).toBe('active');
});

test('a config without instances stops none without a word', async () => {
  const machine = await installed();
  const { code, err } = await call(machine, install('/none.toml'), { texts });
  expect([code, err]).toEqual([6, expect.stringContaining('error[runtimes-stay]')]);
  expect(err).toContain('all 2 of the host would be stopped and removed');
  expect(err).toContain('`sudo vllmd llama uninstall` removes everything');
  await healthy(machine, install('/none.toml', '--allow-empty'), { texts });
  expect(machine.units.get(small)?.active).toBe('inactive');
});

test('an uninstall leaves nothing', async () => {
  const machine = host();
  const before = own(machine);
  await healthy(machine, install('/secret.toml'), { texts });
  const { err } = await healthy(machine, ['llama', 'uninstall'], { texts });
  expect(err).toContain('what vllmd has installed is removed');
  expect(own(machine)).toEqual(before);
  expect([...machine.units.values()].filter(({ active }) => active !== 'inactive')).toEqual([]);
  expect((await healthy(machine, ['llama', 'uninstall'])).out).toBe(
    'vllmd has installed nothing here\n',
  );
});

test('a rollback is an install of an old generation, and history lists both', async () => {
  const machine = await installed('/changed.toml');
  const { err } = await healthy(machine, ['llama', 'rollback', '--settle', '0']);
  expect(err).toContain('generation 3 is in place, as generation 1 was');
  expect(starts(machine).at(-1)).toBe(`restart ${large}`);
  const { out } = await healthy(machine, ['llama', 'history']);
  expect(out).toMatch(/INSTANCES +CHANGED/);
  expect(out).toContain('`sudo vllmd llama rollback N` goes back');
  const json = JSON.parse((await healthy(machine, ['llama', 'history', '--json'])).out);
  expect(json.generations[0]).toMatchObject({
    generation: 3,
    runtimes: ['large', 'small'],
    changed: ['large'],
    current: true,
  });
});

test('no output and no file but its own has a secret in it', async () => {
  const machine = host();
  const { out, err } = await healthy(machine, install('/secret.toml'), { texts });
  const json = await healthy(machine, install('/secret.toml', '--dry-run', '--json'), { texts });
  const off = await healthy(machine, ['llama', 'uninstall', '--dry-run']);
  for (const text of [out, err, json.out, off.out, off.err]) expect(text).not.toContain('sk-very');
  const holding = [...machine.entries]
    .filter(([, entry]) => entry.type === 'file' && entry.text.includes('sk-very'))
    .map(([path, entry]) => [path, entry.type === 'file' && entry.mode]);
  expect(holding).toEqual([
    ['/etc/vllmd/llama/large.secrets', 0o600],
    ['/var/lib/vllmd/llama/generations/1.json', 0o600],
  ]);
});

test('verify finds an edit, and a config that has changed', async () => {
  const machine = await installed();
  expect((await healthy(machine, ['llama', 'verify'], { texts })).out).toBe(
    'as installed: generation 1\n',
  );
  const changed = await call(machine, ['llama', 'verify', '--config', '/changed.toml'], { texts });
  expect([changed.code, changed.out]).toEqual([
    2,
    expect.stringContaining('changes-pending: /changed.toml: the config has changed'),
  ]);
  const entry = machine.entries.get(dropIn);
  await edit(machine, dropIn, `${entry?.type === 'file' ? entry.text : ''}# mine\n`);
  const { code, out } = await call(machine, ['llama', 'verify'], { texts });
  expect([code, out]).toEqual([2, expect.stringContaining(`edited: ${dropIn}`)]);
  machine.becomes(small, { active: 'failed', sub: 'failed' });
  const json = await call(machine, ['llama', 'verify', '--json'], { texts });
  expect(JSON.parse(json.out).findings.map(({ code: name }: { code: string }) => name)).toEqual([
    'failed',
    'edited',
  ]);
  const bad = await call(machine, ['llama', 'verify', '--config', '/bad.toml'], { texts });
  expect(bad.out).toContain(
    'config-invalid: /bad.toml: it is not valid: see `vllmd llama validate',
  );
});

test('verify says where nothing is installed, and where it may not look', async () => {
  const machine = host();
  const { code, out } = await call(machine, ['llama', 'verify'], { texts });
  expect([code, out]).toEqual([2, expect.stringContaining('not-installed')]);
});

test('the account of the last install is the one that verify compares with', async () => {
  const machine = host();
  await healthy(machine, install('/two.toml', '--user', 'sdake'), { texts });
  const entry = machine.entries.get(dropIn);
  expect(entry?.type === 'file' && entry.text).toMatch(/^User=sdake\nGroup=sdake$/m);
  expect(entry?.type === 'file' && entry.text).not.toContain('DynamicUser');
  await healthy(machine, ['llama', 'verify'], { texts });
});

test('status shows each instance with its health address', async () => {
  const machine = await installed();
  const { out } = await healthy(machine, ['llama', 'status']);
  expect(out).toMatch(/^small +active \(running\) +\d+ +0 +http:\/\/127\.0\.0\.1:8080\/health$/m);
  machine.becomes(large, { active: 'activating', sub: 'auto-restart', pid: 0, restarts: 3 });
  const json = JSON.parse((await healthy(machine, ['llama', 'status', '--json'])).out);
  expect(json.instances[0]).toMatchObject({ name: 'large', failed: true, restarts: 3, pid: null });
  expect((await healthy(host(), ['llama', 'status'])).out).toContain('no llama.cpp instances');
});

test('the other layer stays as it is, and is not touched', async () => {
  const machine = await installed();
  await healthy(machine, ['install', '--config', '/example.toml', '--settle', '0']);
  const paths = own(machine).filter((path) => path.includes('llama'));
  const running = machine.units.get(small)?.invocation;
  await healthy(machine, ['uninstall', '--purge-data']);
  expect(own(machine).filter((path) => path.includes('llama'))).toEqual(paths);
  expect(machine.units.get(small)?.invocation).toBe(running);
  await healthy(machine, ['llama', 'verify'], { texts });
  await healthy(machine, ['llama', 'uninstall']);
  expect(own(machine).filter((path) => path.includes('llama'))).toEqual([]);
});

test('--only changes one instance, and the rest is told', async () => {
  const machine = await installed();
  const both = twoInstances('ctx_size = 1\n').replace('port = 8080', 'port = 8090');
  const more = new Map([...texts, ['/both.toml', both]]);
  const { out } = await healthy(machine, install('/both.toml', '--only', 'small'), { texts: more });
  expect(starts(machine).slice(3)).toEqual([`restart ${small}`]);
  expect(out).toContain('instance large: changes as well, and is left out by --only');
  const slip = await call(machine, install('/two.toml', '--only', 'other'), { texts });
  expect(slip.err).toContain('--only other: there is no such instance');
  expect(slip.err).toContain('there are: large, small');
});

test('a masked instance is left alone', async () => {
  const machine = await installed();
  await machine.host.link(`/etc/systemd/system/${large}`, '/dev/null');
  const { code, err } = await call(machine, install('/changed.toml'), { texts });
  expect([code, err]).toEqual([5, expect.stringContaining(`sudo systemctl unmask ${large}`)]);
  expect((await healthy(machine, install('/two.toml'), { texts })).out).toContain(
    'masked by the operator and left alone',
  );
});

test('an install that was cut off is undone by the next command of its own layer', async () => {
  const machine = await installed();
  const probe = faulty(machine.fork().host, -1, undefined);
  await call(machine.fork(), install('/changed.toml'), { host: probe, texts });
  const at = probe.operations.indexOf(`write ${dropIn}`);
  const dying = faulty(machine.host, at, 'dies-after');
  await call(machine, install('/changed.toml'), { host: dying, texts });
  expect(machine.entries.has('/var/lib/vllmd/llama/journal.json')).toBe(true);
  const { err } = await healthy(machine, ['install', '--config', '/example.toml', '--settle', '0']);
  expect(err).not.toContain('cut off');
  const dry = await call(machine, install('/two.toml', '--dry-run'), { texts });
  expect(dry.err).toContain('an earlier install was cut off: a real run finishes or undoes it');
  const looked = await call(machine, ['llama', 'verify'], { texts });
  expect(looked.out).toContain('interrupted: vllmd: an install was cut off: `sudo vllmd llama rec');
  expect((await healthy(machine, ['llama', 'status'])).out).toContain('sudo vllmd llama recover');
  const { err: told } = await healthy(machine, ['llama', 'recover']);
  expect(told).toContain('undone: instance large as in generation 1');
  expect(machine.entries.has('/var/lib/vllmd/llama/journal.json')).toBe(false);
  await healthy(machine, ['llama', 'verify'], { texts });
});

test('a boot that could not recover has started no instance, and the next command says so', async () => {
  const machine = await installed();
  machine.reboot();
  await machine.host.mkdir('/run/vllmd', { mode: 0o755, uid: 0, gid: 0 });
  await edit(machine, '/run/vllmd/llama-unrecovered', '');
  const { err } = await healthy(machine, install('/two.toml'), { texts });
  expect(err).toContain('the last boot has started no instance');
  expect(err).toContain('`sudo systemctl start vllmd-llama.target` afterwards');
  expect(machine.entries.has('/run/vllmd/llama-unrecovered')).toBe(false);
});

test('whoever is not root is told what to type', async () => {
  const { code, err } = await call(host(), install('/two.toml'), { texts, world: { uid: 1000 } });
  expect([code, err]).toEqual([
    77,
    expect.stringContaining('vllmd llama install changes the host'),
  ]);
});

test('below another root only the config is looked at', async () => {
  const machine = simulatedHost({ description: { systemd: false } });
  const { out } = await healthy(machine, install('/two.toml', '--root', '/'), { texts });
  expect(out).not.toContain('start vllmd-llama@');
  expect(machine.entries.get(dropIn)?.type).toBe('file');
});
