import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { readConfigFile } from '../../src/host/config-file.ts';
import { createLocalHost } from '../../src/host/local-host.ts';
import { createMemoryHost } from '../../src/host/memory-host.ts';
import { FIXTURES, walk } from '../support/fixtures.ts';
import { behaviourOf, describedHost, testWorld } from '../support/world.ts';

const example = `${FIXTURES}contract-example/vllmd.toml`;
const uid = process.geteuid?.() ?? 0;

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(`${tmpdir()}/vllmd-cli-`);
});
afterEach(() => rmSync(directory, { recursive: true }));

const worldOf = (options: Parameters<typeof testWorld>[1] = {}) =>
  testWorld(describedHost(), { cwd: directory, readConfigFile, ...options });

test.for([
  [[], 'a command is missing'],
  [['--nonsense'], 'a command is missing'],
  [['instal'], 'instal: there is no such command'],
  [['instal'], 'did you mean `vllmd install`?'],
  [['verison'], 'did you mean `vllmd --version`?'],
  [['-q', 'plan'], 'did you mean `vllmd install --dry-run`?'],
  [['apply'], 'did you mean `vllmd install`?'],
  [['INIT'], 'did you mean `vllmd init`?'],
  [['frobnicate'], 'frobnicate: there is no such command'],
  [['select', 'statsu'], 'did you mean `vllmd select status`?'],
  [['select', 'small'], 'help: a model is named by an option: `vllmd select --model small`'],
  [['select', 'a b'], 'help: `vllmd select --help` lists them'],
  [['hosts', 'frobnicate'], 'help: `vllmd hosts --help` lists them'],
  [['frobnicate'], 'help: `vllmd --help` lists them'],
  [['disk', 'rest', '1'], 'did you mean `vllmd disk reset`?'],
  [['install', '--dryrun'], '--dryrun: there is no such option; did you mean --dry-run?'],
  [['install', '--fact', 'x'], '--fact: there is no such option; did you mean --facts?'],
  [['install', '--fact=x'], 'help: see `vllmd install --help`'],
  [['status', '-x'], '-x: there is no such option'],
  [['disk', 'reset', '1', '--yse'], 'help: see `vllmd disk reset --help`'],
  [['validate', '--facts', 'x'], 'help: see `vllmd validate --help`'],
  [['install', '--config'], '--config FILE: the value is missing'],
  [['install', '-c'], '--config FILE: the value is missing'],
  [['render', '--config', example], '--out DIR is missing'],
  [['render', '--config', example], 'help: a new or empty directory; see `vllmd render --help`'],
  [['completion'], 'completion: the shell is missing\n  help: bash, zsh, fish; see'],
  [['completion', 'tcsh'], 'help: see `vllmd completion --help`'],
  [['disk', 'reset'], 'disk reset: the index is missing\n  help: the runtime; see'],
  [['disk'], 'help: see `vllmd disk --help`'],
  [['precheck', 'a.toml'], 'a.toml: `vllmd precheck` takes no operand'],
  [['precheck', 'my a.toml'], "named by `vllmd precheck --config 'my a.toml'`"],
  [['install', '3'], '3: `vllmd install` takes no operand\n  help: see'],
  [['validate', 'a.toml', 'b.toml'], 'b.toml: it is one operand too many'],
  [['validate', 'a.toml', '--config', 'b.toml'], 'a.toml: a config is named with --config already'],
  [['migrate', 'a.toml', '-c', 'b.toml'], 'a.toml: a config is named with --config already'],
] as const)('wrong usage %j exits with 64 and one clear line', async ([argv, message]) => {
  const world = worldOf();
  expect(await run(argv, world)).toBe(64);
  expect(world.err()).toContain(message);
  expect(world.err()).not.toContain('    at ');
  expect(world.out()).toBe('');
});

test.for(['validate', 'schema', 'render', 'install', 'uninstall', 'status'])(
  '%s --help describes the command and shows an example',
  async (command) => {
    const world = worldOf();
    expect(await run([command, '--help'], world)).toBe(0);
    expect(world.out()).toContain('Examples:');
    expect(world.out()).toContain(`vllmd ${command}`);
  },
);

test('--version prints the version alone', async () => {
  const world = worldOf();
  expect(await run(['--version'], world)).toBe(0);
  expect(world.out()).toBe('0.0.0-test\n');
});

test.for(['install', 'uninstall'])(
  '%s without root exits with 77 and one line',
  async (command) => {
    const world = worldOf({ uid: 1000 });
    const config = command === 'install' ? ['--config', example] : [];
    expect(await run([command, ...config], world)).toBe(77);
    expect(world.err().trimEnd().split('\n')).toHaveLength(1);
    expect(world.err()).toContain(`sudo vllmd ${command}`);
  },
);

test('no config exits with 66 and lists the places that were looked at', async () => {
  const world = worldOf({ env: { HOME: `${directory}/home` }, uid: 1000 });
  expect(await run(['validate'], world)).toBe(66);
  expect(world.err()).toContain('/etc/vllmd/config.toml');
  expect(world.err()).toContain(
    `${directory}/home/.config/vllmd/vllmd-hypervisor-runtime-defaults.toml`,
  );
});

test('under sudo the config is looked for in the home of the person who typed it', async () => {
  const world = worldOf({ env: { HOME: '/root', SUDO_USER: 'sdake' } });
  expect(await run(['validate'], world)).toBe(66);
  expect(world.err()).toContain('/home/sdake/.config/vllmd/config.toml');
  expect(world.err()).not.toContain('/root');
});

test('the environment names the config when no option does', async () => {
  const world = worldOf({ env: { VLLMD_HYPERVISOR_CONFIG: example } });
  expect(await run(['validate'], world)).toBe(0);
  expect(world.out()).toBe(`${example}: valid, 2 runtimes\n`);
});

test.for(['validate', 'migrate'])(
  '%s takes its config as an operand or by --config',
  async (name) => {
    writeFileSync(`${directory}/c.toml`, 'schema_version = 2\n[global]\nuser = "sdake"\n');
    for (const argv of [['c.toml'], ['--config', 'c.toml'], ['-c', 'c.toml']]) {
      const world = worldOf();
      expect(await run([name, ...argv], world), world.err()).toBe(0);
      expect(world.out()).toContain('c.toml: ');
    }
  },
);

test('a directory instead of a config exits with 66 and says so', async () => {
  const world = worldOf();
  expect(await run(['validate', directory], world)).toBe(66);
  expect(world.err()).toContain('it is a directory');
});

test.for([
  ['an empty file', ''],
  ['a binary file', '\u0000\u0001\u0002'],
  ['duplicate keys', '[global]\nuser = "a"\nuser = "b"\n'],
  ['a huge integer', '[global]\nuser = "a"\ndefault_cpus = 99999999999999999999999\n'],
  ['a negative index', '[global]\nuser = "a"\n[[runtimes]]\nindex = -1\nname = "x"\n'],
] as const)('%s exits with 3, writes nothing and shows no stack', async ([, text]) => {
  writeFileSync(`${directory}/c.toml`, text);
  const host = describedHost();
  const before = new Map(host.entries);
  for (const argv of [['install'], ['install', '--dry-run'], ['render', '--out', 'x']]) {
    const world = testWorld(host, { cwd: directory, readConfigFile });
    expect(await run([...argv, '--config', 'c.toml'], world)).toBe(3);
    expect(world.err()).toMatch(/^error\[[a-z-]+\]/);
    expect(world.err()).not.toContain('    at ');
  }
  expect(new Map(host.entries)).toEqual(before);
});

test.for([
  ['frobnicate', '--json'],
  ['select', 'frobnicate', '--json'],
  ['hosts', 'frobnicate', '--json'],
  ['llama', '--json', 'frobnicate'],
])('a command that there is not is answered with JSON where %j asks for it', async (argv) => {
  const world = worldOf();
  expect(await run(argv, world)).toBe(64);
  expect(JSON.parse(world.out())).toMatchObject({
    ...{ format_version: '1.0', ok: false },
    diagnostics: [{ message: expect.stringContaining('frobnicate: there is no such command') }],
  });
});

test('validate --json tells problems to programs on stdout', async () => {
  writeFileSync(`${directory}/c.toml`, '[global]\nuser = 7\n');
  const world = worldOf();
  expect(await run(['validate', 'c.toml', '--json'], world)).toBe(3);
  expect(world.err()).toBe('');
  expect(JSON.parse(world.out())).toMatchObject({
    format_version: '1.0',
    ok: false,
    diagnostics: [{ rule: 'wrong-type', path: 'global.user', line: 2, column: 8 }],
  });
  const fine = worldOf();
  expect(await run(['validate', example, '--json'], fine)).toBe(0);
  expect(JSON.parse(fine.out())).toMatchObject({ ok: true, diagnostics: [] });
});

test('schema prints the schema that ships with the project', async () => {
  const world = worldOf();
  expect(await run(['schema'], world)).toBe(0);
  const file = new URL('../../schemas/vllmd-hypervisor-config-schema.json', import.meta.url);
  expect(JSON.parse(world.out())).toEqual(JSON.parse(readFileSync(file, 'utf8')));
});

test('render writes the tree of the golden case and nothing else', async () => {
  const world = worldOf({ treeHost: (root) => createLocalHost({ root, uid, setsOwner: false }) });
  expect(await run(['render', '--config', example, '--out', 'a/tree'], world)).toBe(0);
  const golden = `${FIXTURES}contract-example/expected/tree`;
  const files = walk(`${directory}/a/tree`);
  expect(files).toEqual(walk(golden).filter((path) => !path.includes('.wants/')));
  for (const path of files) {
    expect(readFileSync(`${directory}/a/tree/${path}`, 'utf8')).toBe(
      readFileSync(`${golden}/${path}`, 'utf8'),
    );
  }
  expect(readdirSync(directory)).toEqual(['a']);
  const json = worldOf({ treeHost: (root) => createLocalHost({ root, uid, setsOwner: false }) });
  expect(await run(['render', '--config', example, '--out', 'b', '--json'], json)).toBe(0);
  expect(JSON.parse(json.out()).paths).toContain('/etc/systemd/system/vllmd.slice');
});

test('render refuses a directory that is not empty', async () => {
  mkdirSync(`${directory}/full`);
  writeFileSync(`${directory}/full/mine`, '');
  const world = worldOf({ treeHost: (root) => createLocalHost({ root, uid, setsOwner: false }) });
  expect(await run(['render', '--config', example, '--out', 'full'], world)).toBe(64);
  expect(readdirSync(`${directory}/full`)).toEqual(['mine']);
});

test('install carries out what its dry run prints', async () => {
  const host = describedHost();
  const dry = testWorld(host);
  expect(await run(['install', '--dry-run', '--config', example], dry)).toBe(0);
  expect(host.commands).toEqual([]);
  const real = testWorld(host);
  expect(await run(['install', '--config', example], real)).toBe(0);
  expect(real.out()).toBe(dry.out());
  // A unit is started with no starts of before counted against it.
  const calls = host.commands.filter((argv) => !argv.includes('reset-failed'));
  expect(calls.map((argv) => argv.filter((word) => word !== '--').join(' '))).toEqual([
    'systemctl daemon-reload',
    'systemctl start vllmd-network.service',
    'systemctl start vllmd-vfio@0000:01:00.0.service',
    'systemctl start vllmd-runtime@1.service',
    'systemctl start vllmd-vfio@0000:02:00.0.service',
    'systemctl start vllmd-runtime@2.service',
    'systemctl start --job-mode=ignore-dependencies vllmd.target',
  ]);
  expect(real.err()).toContain(
    '[3/7] start vllmd-vfio@0000:01:00.0.service: a runtime needs this GPU',
  );
});

test('install --no-start writes files and starts nothing; the next install starts them', async () => {
  const host = describedHost();
  expect(await run(['install', '--no-start', '--config', example], testWorld(host))).toBe(0);
  expect(host.commands).toEqual([['systemctl', 'daemon-reload']]);
  const next = testWorld(host);
  expect(await run(['install', '--config', example], next)).toBe(0);
  expect(host.commands.map(([, verb]) => verb)).not.toContain('restart');
  expect(host.commands.flat()).toContain('vllmd-runtime@1.service');
});

test('install --root writes into a tree, asks no systemd and needs no GPU', async () => {
  const bare = describedHost({ pci: [], systemd: false, memoryGib: 1, cpus: 1 });
  await bare.mkdir('/tree', { mode: 0o755, uid: 0, gid: 0 });
  const world = testWorld(bare);
  expect(await run(['install', '--root', '/tree', '--config', example], world)).toBe(0);
  expect(bare.commands).toEqual([]);
  expect(bare.entries.has('/etc/systemd/system/vllmd-runtime@.service')).toBe(true);
});

test('install --json prints the plan and how it went as one JSON value', async () => {
  const world = worldOf();
  expect(await run(['install', '--json', '--config', example], world)).toBe(0);
  expect(JSON.parse(world.out())).toMatchObject({
    format_version: '1.0',
    applyable: true,
    errored: false,
    outcome: { failures: [], kept: [] },
  });
});

test('a refused install --json still says why as JSON', async () => {
  const world = testWorld(describedHost({ memoryGib: 8 }));
  expect(await run(['install', '--json', '--config', example], world)).toBe(6);
  expect(JSON.parse(world.out())).toMatchObject({
    applyable: false,
    diagnostics: [{ rule: 'memory-fits-host' }],
  });
});

test('a host that is not ready is refused with exit code 6 and left as it is', async () => {
  const host = describedHost({ accounts: [] });
  const before = new Map(host.entries);
  const world = testWorld(host);
  expect(await run(['install', '--config', example], world)).toBe(6);
  expect(world.err()).toContain('error[user-exists]');
  expect(new Map(host.entries)).toEqual(before);
});

test('a foreign file is refused with exit code 5, its difference shown and nothing written', async () => {
  const host = describedHost();
  await host.mkdir('/etc/modprobe.d', { mode: 0o755, uid: 0, gid: 0 });
  await host.write('/etc/modprobe.d/vllmd.conf', 'mine\n', { mode: 0o644, uid: 0, gid: 0 });
  const before = new Map(host.entries);
  const world = testWorld(host);
  expect(await run(['install', '--config', example], world)).toBe(5);
  expect(world.err()).toContain('conflict[foreign]: /etc/modprobe.d/vllmd.conf');
  expect(world.err()).toContain('-mine');
  expect(new Map(host.entries)).toEqual(before);
});

test('a damaged record of the last install stops everything instead of counting as none', async () => {
  for (const text of ['{', '[]', '{"schema":1}', '{"schema":9}']) {
    const host = describedHost();
    for (const path of ['/var/lib/vllmd/install']) {
      await host.mkdir(path, { mode: 0o700, uid: 0, gid: 0 });
    }
    const mode = { mode: 0o600, uid: 0, gid: 0 };
    await host.write('/var/lib/vllmd/install/manifest.json', text, mode);
    for (const argv of [['install', '--config', example], ['uninstall'], ['status']]) {
      const world = testWorld(host);
      expect(await run(argv, world)).toBe(1);
      expect(world.err()).toContain('/var/lib/vllmd/install/manifest.json');
    }
  }
});

test('status shows each runtime, and says when nothing is installed', async () => {
  const host = describedHost();
  const empty = testWorld(host);
  expect(await run(['status'], empty)).toBe(0);
  expect(empty.out()).toBe('vllmd has installed nothing here\n');
  await run(['install', '--config', example], testWorld(host));
  const world = testWorld(host);
  expect(await run(['status'], world)).toBe(0);
  expect(world.out()).toMatch(
    /^1 +runtime-1 +running +- +1 +0000:01:00\.0 .* +32 GiB +10\.77\.0\.2$/m,
  );
  const json = testWorld(host);
  expect(await run(['status', '--json'], json)).toBe(0);
  expect(JSON.parse(json.out())).toMatchObject({
    generation: 1,
    runtimes: [
      { index: 1, active_state: 'active', enabled: true, pending: false },
      { index: 2, memory: '16G' },
    ],
    drifted: [],
  });
});

test('status shows what was changed by hand and what waits for a restart', async () => {
  const host = describedHost();
  await run(['install', '--config', example], testWorld(host));
  const text = 'VLLMD_RUNTIME_NAME="a \\"b\\" \\$c"\nVLLMD_RUNTIME_GPUS=\n';
  await host.write('/etc/vllmd/runtime-1.env', text, { mode: 0o644, uid: 0, gid: 0 });
  await host.remove('/etc/systemd/system/vllmd.target.wants/vllmd-runtime@1.service');
  const world = testWorld(host);
  expect(await run(['status'], world)).toBe(0);
  expect(world.out()).toContain('changed by hand: /etc/vllmd/runtime-1.env');
  expect(world.out()).toMatch(
    /^1 +a "b" \$c .* restart pending\n +shown as after a restart\n +disabled\n +changed by hand$/m,
  );
});

test('status --json of an empty host is JSON, and status without root says that it needs it', async () => {
  const world = worldOf();
  expect(await run(['status', '--json'], world)).toBe(0);
  expect(JSON.parse(world.out())).toMatchObject({ generation: 0, runtimes: [] });
  const hidden = createMemoryHost({
    ...behaviourOf({}),
    entries: [['/var/lib/vllmd/install/manifest.json', { type: 'hidden' }]],
  });
  const other = testWorld(hidden, { uid: 1000 });
  expect(await run(['status'], other)).toBe(77);
  expect(await run(['uninstall', '--dry-run'], other)).toBe(77);
});

test('uninstall leaves nothing but the disks, and says when there is nothing to remove', async () => {
  const host = describedHost();
  const before = new Map(host.entries);
  await run(['install', '--config', example], testWorld(host));
  const disk = '/home/sdake/.local/state/vllmd-hypervisor/runtime-1/disk.raw';
  await host.write(disk, 'data', { mode: 0o600, uid: 1000, gid: 1000 });
  const dry = testWorld(host);
  expect(await run(['uninstall', '--dry-run'], dry)).toBe(0);
  const world = testWorld(host);
  expect(await run(['uninstall'], world)).toBe(0);
  expect(world.out()).toBe(dry.out());
  expect(await host.read(disk)).toMatchObject({ text: 'data' });
  const purged = testWorld(host);
  expect(await run(['uninstall', '--purge-data'], purged)).toBe(0);
  expect(new Map(host.entries)).toEqual(before);
  const again = testWorld(host);
  expect(await run(['uninstall'], again)).toBe(0);
  expect(again.out()).toBe('vllmd has installed nothing here\n');
});

test('a failure nobody expected is told as a bug, with its stack and exit code 1', async () => {
  const world = worldOf({
    readConfigFile: () => {
      throw new TypeError('broken');
    },
  });
  expect(await run(['validate', 'x'], world)).toBe(1);
  expect(world.err()).toContain('this is a bug in vllmd');
  expect(world.err()).toContain('TypeError: broken');
});

test('colours appear on a terminal only', async () => {
  const text: string[] = [];
  const stdout = {
    write: (part: string) => void text.push(part),
    hasColour: true,
    isTerminal: true,
  };
  await run(['install', '--dry-run', '--config', example], worldOf({ stdout }));
  expect(text.join('')).toContain('\u001b[32m+');
  const plain = worldOf();
  await run(['install', '--dry-run', '--config', example], plain);
  expect(plain.out()).not.toContain('\u001b');
});
