import { expect, test } from 'vitest';
import { run } from '../src/cli/run.ts';
import type { Host } from '../src/host/host.ts';
import { createMemoryHost, type MemoryHost } from '../src/host/memory-host.ts';
import { describedHost, testWorld } from './support/world.ts';

const UNIT = 'vllmd-hive-agent.service';
const KEY = '/etc/vllmd-hive.key';

function newHost(mode = 0o600): MemoryHost {
  return describedHost({ files: { [KEY]: { text: 'nk-secret\n', mode } } });
}

const hive = (lines = '') => `[hive]\nurl = "http://192.168.1.10:8800"\n${lines}`;

/** Runs vllmd with a config of one runtime and this table; the calls are those of systemctl that change something. */
async function vllmd(
  host: Host & Pick<MemoryHost, 'commands'>,
  argv: readonly string[],
  table = '',
  facts = '',
) {
  const text = `schema_version = 2\n[global]\nuser = "sdake"\n${table}
[[runtimes]]\nindex = 1\nname = "one"\ngpus = ["0000:01:00.0"]\n`;
  const world = testWorld(host, {
    readConfigFile: (path) => ({
      kind: 'bytes',
      bytes: Buffer.from(path === '/facts.json' ? facts : text),
    }),
  });
  const before = host.commands.length;
  const config = argv.includes('install') ? ['--config', 'vllmd.toml'] : [];
  const code = await run([...argv, ...config], world);
  const calls = host.commands
    .slice(before)
    .map((command) => command.slice(1).join(' '))
    .filter((call) => /^(start|restart|reload|stop|reset-failed) /.test(call));
  return { code, out: world.out(), err: world.err(), calls };
}

test('the agent is started last of all, and at boot', async () => {
  const host = newHost();
  const { code, calls } = await vllmd(host, ['install'], hive(`key_file = "${KEY}"`));
  expect(code).toBe(0);
  expect(calls.at(-1)).toBe(`start -- ${UNIT}`);
  const position = (unit: string) => calls.findIndex((call) => call.endsWith(` ${unit}`));
  expect(position('vllmd-runtime@1.service')).toBeGreaterThan(-1);
  expect(position('vllmd.target')).toBeGreaterThan(position('vllmd-runtime@1.service'));
  expect(host.entries.get(`/etc/systemd/system/multi-user.target.wants/${UNIT}`)).toMatchObject({
    type: 'link',
  });
  const again = await vllmd(host, ['install', '--dry-run'], hive(`key_file = "${KEY}"`));
  expect(again.out).toContain('Nothing to do');
});

test('its key is named in its unit, and is nowhere else', async () => {
  const host = newHost();
  const shown = await vllmd(host, ['install', '--dry-run'], hive(`key_file = "${KEY}"`));
  expect(shown.out).toContain(`LoadCredential=hive-key:${KEY}`);
  await vllmd(host, ['install'], hive(`key_file = "${KEY}"`));
  const texts = [...host.entries]
    .filter(([path]) => path !== KEY)
    .flatMap(([, entry]) => (entry.type === 'file' ? entry.text : []));
  expect(texts.filter((text) => text.includes('nk-secret'))).toEqual([]);
  expect(shown.out + shown.err).not.toContain('nk-secret');
});

test('without a key its unit asks for none', async () => {
  const { out } = await vllmd(newHost(), ['install', '--dry-run'], hive());
  expect(out).toContain(UNIT);
  expect(out).not.toContain('LoadCredential');
});

test('a change of the table starts the agent again, and no runtime', async () => {
  const host = newHost();
  await vllmd(host, ['install'], hive());
  const { calls, out } = await vllmd(host, ['install'], hive('address = "192.168.1.9"'));
  expect(calls.filter((call) => !call.startsWith('reset-failed'))).toEqual([`restart -- ${UNIT}`]);
  expect(out).toContain('hive-inventory.json');
});

test('a change of a runtime starts that runtime again, and says nothing of the agent', async () => {
  const host = newHost();
  await vllmd(host, ['install'], hive());
  const { calls } = await vllmd(host, ['install'], `default_cpus = 8\n${hive()}`);
  expect(calls.at(-1)).toBe('restart -- vllmd-runtime@1.service');
  expect(calls.join()).not.toContain(UNIT);
});

test('without the table the agent is stopped and gone, and the runtime goes on', async () => {
  const host = newHost();
  await vllmd(host, ['install'], hive());
  const { code, calls } = await vllmd(host, ['install']);
  expect(code).toBe(0);
  expect(calls).toEqual([`stop -- ${UNIT}`]);
  const left = [...host.entries].filter(
    ([path, { type }]) => path.includes('hive-') && type !== 'absent',
  );
  expect(left.map(([path]) => path)).toEqual([]);
});

test('a way back to a generation that had it brings the agent back', async () => {
  const host = newHost();
  await vllmd(host, ['install'], hive());
  await vllmd(host, ['install']);
  const { code, calls } = await vllmd(host, ['rollback', '1']);
  expect([code, calls.at(-1)]).toEqual([0, `start -- ${UNIT}`]);
  expect(host.entries.get('/etc/vllmd/hive-inventory.json')?.type).toBe('file');
});

test('an uninstall stops the agent and leaves nothing of it', async () => {
  const host = newHost();
  await vllmd(host, ['install'], hive());
  const { code, calls } = await vllmd(host, ['uninstall']);
  expect(code).toBe(0);
  expect(calls).toContain(`stop -- ${UNIT}`);
  expect(host.entries.get('/etc/vllmd/hive-inventory.json')?.type ?? 'absent').toBe('absent');
});

test('an agent that does not start takes nothing back', async () => {
  const memory = newHost();
  const host: Host & Pick<MemoryHost, 'commands'> = {
    ...memory,
    run: async (argv, timeoutMs) =>
      argv.includes(UNIT) && argv.includes('start')
        ? { exitCode: 1, stdout: '', stderr: 'Job for it failed' }
        : memory.run(argv, timeoutMs),
  };
  const { code, err } = await vllmd(host, ['install'], hive());
  expect(code).toBe(4);
  expect(err).toContain(UNIT);
  expect(memory.units.get('vllmd-runtime@1.service')?.activeState).toBe('active');
  expect(memory.entries.get('/etc/vllmd/hive-agent.env')?.type).toBe('file');
});

test.for([
  ['a key that others can read is told of', 0o644, 'warning[hive-key-file]', 0],
  ['one that is not there is refused', undefined, 'error[hive-key-file]', 6],
] as const)('%s', async ([, mode, said, wanted]) => {
  const host = mode === undefined ? describedHost() : newHost(mode);
  const { code, err } = await vllmd(host, ['install'], hive(`key_file = "${KEY}"`));
  expect(err).toContain(said);
  expect(code).toBe(wanted);
});

test('a key that the service user could exchange is refused', async () => {
  const path = '/home/sdake/hive.key';
  const memory = describedHost({ files: { [path]: { text: 'x', mode: 0o600 } } });
  const host: Host & Pick<MemoryHost, 'commands'> = {
    ...memory,
    exposure: async (wanted) =>
      wanted === path
        ? { path: '/home/sdake', why: 'belongs to uid 1000', help: '' }
        : memory.exposure(wanted),
  };
  const { code, err } = await vllmd(host, ['install'], hive('key_file = "~/hive.key"'));
  expect(err).toContain('can be exchanged by others than root, who reads it');
  expect(err).toContain(`sudo install -m 600 ${path} /etc/vllmd/hive.key`);
  expect(code).toBe(6);
});

test('a directory is no key', async () => {
  const { err } = await vllmd(newHost(), ['install'], hive('key_file = "/etc/systemd"'));
  expect(err).toContain('/etc/systemd is no regular file');
});

test('a dry run for a recorded host says of the key what the host itself says', async () => {
  for (const mode of [0o600, 0o644]) {
    const host = newHost(mode);
    const table = hive(`key_file = "${KEY}"`);
    const facts = await vllmd(host, ['facts', '--config', 'vllmd.toml'], table);
    expect(facts.out).not.toContain('nk-secret');
    const live = await vllmd(host, ['install', '--dry-run'], table);
    const recorded = await vllmd(
      createMemoryHost(),
      ['install', '--dry-run', '--facts', '/facts.json'],
      table,
      facts.out,
    );
    expect(recorded.code).toBe(live.code);
    expect(recorded.err.includes('hive-key-file')).toBe(live.err.includes('hive-key-file'));
  }
});
