import { execFile, spawnSync } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const repository = join(import.meta.dirname, '..');
const installedUnit = '/etc/systemd/system/vllmd.target';
const tools =
  'cat chmod chown cp cut dirname env find getent grep head id ln mkdir mktemp mv paste readlink rm rmdir sed setpriv sh stat';
const isRoot = process.getuid?.() === 0;

// A copy of the script in a made-up checkout, and a PATH with nothing on it but these tools and what a test adds.
let base = '';
let tree = '';
let path = '';
let prefix = '';

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'vllmd-install-')));
  chmodSync(base, 0o755);
  tree = join(base, "the operator's tree");
  path = join(base, 'path');
  prefix = join(base, 'prefix');
  for (const dir of ['dist', 'fixtures/contract-example', 'node_modules/esbuild', 'src'])
    mkdirSync(join(tree, dir), { recursive: true });
  mkdirSync(path);
  const script = readFileSync(join(repository, 'install.sh'), 'utf8');
  expect(script.split(installedUnit)).toHaveLength(2);
  executable(join(tree, 'install.sh'), script.replace(installedUnit, join(base, 'vllmd.target')));
  for (const file of ['package.json', 'package-lock.json', 'src/main.ts'])
    writeFileSync(join(tree, file), '{}');
  writeFileSync(join(tree, 'fixtures/contract-example/vllmd.toml'), '');
  writeFileSync(join(tree, 'node_modules/.package-lock.json'), '{}');
  executable(
    join(tree, 'dist/vllmd.mjs'),
    '#!/usr/bin/env node\nconsole.log(JSON.stringify([process.cwd(), ...process.argv.slice(2)]));\n',
  );
  for (const tool of tools.split(' ')) link(tool);
  link('node', process.execPath);
});

afterEach(() => rmSync(base, { recursive: true }));

function executable(file: string, text: string): void {
  rmSync(file, { force: true });
  writeFileSync(file, text);
  chmodSync(file, 0o755);
}

function link(name: string, target = which(name)): void {
  if (target !== undefined) symlinkSync(target, join(path, name));
}

function which(name: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((dir) => join(dir, name))
    .find((file) => existsSync(file));
}

function stub(name: string, text: string): void {
  executable(join(path, name), `#!/bin/sh\n${text}\n`);
}

function asUser(uid: number): void {
  stub('id', `echo ${uid}`);
}

function fakeNode(name: string, version: string): void {
  stub(
    name,
    `[ "$2" != process.versions.node ] || { echo ${version}; exit; }\nexec '${process.execPath}' "$@"`,
  );
}

// npm that only writes down how it was called, and as whom.
function fakeNpm(): void {
  stub('npm', `echo "$(id -u) $*" >>'${base}/npm.log'\necho noise of npm`);
  writeFileSync(join(base, 'npm.log'), '');
  chmodSync(join(base, 'npm.log'), 0o666);
}

function npmCalls(): string[] {
  return readFileSync(join(base, 'npm.log'), 'utf8').split('\n').filter(Boolean);
}

function install(...args: string[]) {
  return installFrom({ script: join(tree, 'install.sh'), cwd: tree }, ...args);
}

function installFrom(
  from: { script: string; cwd?: string; env?: Record<string, string> },
  ...args: string[]
) {
  const { script, cwd = tree, env = {} } = from;
  return spawnSync(script, args, {
    cwd,
    encoding: 'utf8',
    env: { PATH: path, HOME: base, PREFIX: prefix, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

test('a dry run without --config plans the example and leaves PREFIX alone', () => {
  const { status, stdout, stderr } = install('--dry-run');
  const example = join(tree, 'fixtures/contract-example/vllmd.toml');
  expect(JSON.parse(stdout)).toEqual([tree, 'install', '--config', example, '--dry-run']);
  expect(stderr).toContain('no --config: the plan for the example');
  expect(status).toBe(0);
  expect(existsSync(prefix)).toBe(false);
});

test.for([
  [['--dry-run', '--config', 'my host.toml', '--json']],
  [['--config=my host.toml', '--dry-run']],
  [['--config', '', '--dry-run', '--detailed-exitcode']],
])('a dry run hands on %j from where the caller stands', ([args = []]) => {
  const from = { script: join('..', "the operator's tree", 'install.sh'), cwd: path };
  expect(JSON.parse(installFrom(from, ...args).stdout)).toEqual([path, 'install', ...args]);
});

test('a dry run takes the config of VLLMD_HYPERVISOR_CONFIG before the example', () => {
  const from = { script: join(tree, 'install.sh'), env: { VLLMD_HYPERVISOR_CONFIG: '/x.toml' } };
  expect(JSON.parse(installFrom(from, '--dry-run').stdout)).toEqual([tree, 'install', '--dry-run']);
});

test('the script finds its folder through links', () => {
  symlinkSync(tree, join(base, 'linked'));
  symlinkSync(join(base, 'linked/install.sh'), join(base, 'setup'));
  const { stdout } = installFrom({ script: join(base, 'setup'), cwd: base }, '--dry-run');
  expect(stdout).toContain(join(tree, 'fixtures/contract-example/vllmd.toml'));
});

test('the exit code is that of the program', () => {
  executable(join(tree, 'dist/vllmd.mjs'), 'process.exitCode = 3;');
  expect(install('--dry-run').status).toBe(3);
});

test.for(['20.19.0', '20.20.2', '21.0.0', '22.1.0', '100.0.1'])(
  'node %s is new enough',
  (version) => {
    fakeNode('node', version);
    expect(install('--dry-run')).toMatchObject({ status: 0 });
  },
);

test.for(['8.99.0', '18.20.4', '20.9.0', '20.18.3', '20', 'v20.19.0'])(
  'node %s is not',
  (version) => {
    fakeNode('node', version);
    const { status, stdout, stderr } = install('--dry-run');
    expect(stderr).toContain(`PATH has none; ${join(path, 'node')} is ${version}\n`);
    expect(stderr).toContain('https://nodejs.org/en/download');
    expect({ status, stdout }).toEqual({ status: 69, stdout: '' });
  },
);

test('nodejs serves where node is missing, broken or too old', () => {
  fakeNode('node', '18.20.4');
  fakeNode('nodejs', '20.19.2');
  expect(install('--dry-run').status).toBe(0);
  stub('node', 'exit 127');
  expect(install('--dry-run').status).toBe(0);
  rmSync(join(path, 'node'));
  expect(install('--dry-run').status).toBe(0);
  rmSync(join(path, 'nodejs'));
  expect(install('--dry-run')).toMatchObject({ status: 69, stdout: '' });
});

test('what is built and current is not built again', () => {
  fakeNpm();
  expect(install('--dry-run').status).toBe(0);
  expect(npmCalls()).toEqual([]);
});

test.for(['src/main.ts', 'package-lock.json'])(
  'a newer %s is built first, with npm on stderr',
  (file) => {
    fakeNpm();
    const future = new Date(Date.now() + 60_000);
    utimesSync(join(tree, file), future, future);
    const { stdout, stderr } = install('--dry-run');
    const ci =
      file === 'package-lock.json' ? [expect.stringMatching(/^\d+ ci --include=dev$/)] : [];
    expect(npmCalls()).toEqual([...ci, expect.stringMatching(/^\d+ run --silent build$/)]);
    expect(stderr).toContain('noise of npm');
    expect(stdout).not.toContain('noise of npm');
  },
);

test('a failing build ends the run with its own message', () => {
  stub('npm', 'echo broken >&2; exit 7');
  rmSync(join(tree, 'dist'), { recursive: true });
  const { status, stdout, stderr } = install('--dry-run');
  expect(stderr).toMatch(/broken\ninstall\.sh: npm run build failed, see above\n$/);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
});

test('a missing npm is named', () => {
  rmSync(join(tree, 'dist/vllmd.mjs'));
  const { status, stderr } = install('--dry-run');
  expect(stderr).toContain('npm is needed to build vllmd');
  expect(status).toBe(69);
});

test('root builds as the owner of the folder, and says whose code it runs', ({ skip }) => {
  skip(!isRoot, 'only root can give files away');
  fakeNpm();
  for (const file of readdirSync(tree, { recursive: true, encoding: 'utf8' }))
    chownSync(join(tree, file), 54_321, 54_321);
  chownSync(tree, 54_321, 54_321);
  rmSync(join(tree, 'node_modules/.package-lock.json'));
  utimesSync(join(tree, 'dist/vllmd.mjs'), 0, 0);
  const { stderr } = install('--dry-run');
  expect(npmCalls()).toEqual(['54321 ci --include=dev', '54321 run --silent build']);
  expect(stderr).toContain(`another user can change it: ${tree} ${tree}/dist/vllmd.mjs`);
});

test('installing needs root, and says so in one line before it does anything', () => {
  asUser(1000);
  fakeNpm();
  utimesSync(join(tree, 'dist/vllmd.mjs'), 0, 0);
  const { status, stdout, stderr } = install('--config', 'a.toml');
  expect(stderr).toBe('install.sh: root is required: sudo ./install.sh\n');
  expect({ status, stdout, calls: npmCalls() }).toEqual({ status: 77, stdout: '', calls: [] });
  expect(install('--uninstall')).toMatchObject({ status: 77 });
  expect(existsSync(prefix)).toBe(false);
});

test('install puts one file and bin/vllmd under PREFIX and runs vllmd install with the arguments', () => {
  asUser(0);
  const { status, stdout, stderr } = installFrom(
    { script: join(tree, 'install.sh'), cwd: base },
    '--config',
    'my host.toml',
    '--yes',
  );
  expect(JSON.parse(stdout)).toEqual([base, 'install', '--config', 'my host.toml', '--yes']);
  expect(stderr).toContain(`${prefix}/bin/vllmd is installed`);
  expect(status).toBe(0);
  expect(readdirSync(join(prefix, 'lib/vllmd'))).toEqual(['vllmd.mjs']);
  expect(readdirSync(join(prefix, 'bin'))).toEqual(['vllmd']);
  expect(statSync(join(prefix, 'lib/vllmd/vllmd.mjs')).mode & 0o7777).toBe(0o755);
});

test('bin/vllmd names its node by path where node is outside the standard PATH', () => {
  asUser(0);
  prefix = join(base, "it's a $(prefix)");
  install();
  const wrapper = join(prefix, 'bin/vllmd');
  expect(readFileSync(wrapper, 'utf8')).toContain(`exec '${process.execPath}' '`);
  const { stdout } = spawnSync(wrapper, ['a b', "c'd"], {
    encoding: 'utf8',
    env: { PATH: '/nowhere' },
    cwd: base,
  });
  expect(JSON.parse(stdout)).toEqual([base, 'a b', "c'd"]);
});

test('bin/vllmd is a relative link where node is on the standard PATH', ({ skip }) => {
  const node = which('node') ?? '';
  skip(
    !['/usr/bin', '/usr/local/bin'].includes(dirname(node)),
    'node is elsewhere on this machine',
  );
  rmSync(join(path, 'node'));
  asUser(0);
  const from = { script: join(tree, 'install.sh'), env: { PATH: `${path}:${dirname(node)}` } };
  expect(installFrom(from).status).toBe(0);
  expect(readlinkSync(join(prefix, 'bin/vllmd'))).toBe('../lib/vllmd/vllmd.mjs');
});

test('installing again replaces the program and what bin/vllmd was', () => {
  asUser(0);
  mkdirSync(join(prefix, 'bin'), { recursive: true });
  symlinkSync('../lib/vllmd/vllmd.mjs', join(prefix, 'bin/vllmd'));
  expect(install().status).toBe(0);
  expect(lstatSync(join(prefix, 'bin/vllmd')).isFile()).toBe(true);
  executable(join(tree, 'dist/vllmd.mjs'), 'console.log("second")');
  expect(install()).toMatchObject({ status: 0, stdout: 'second\n' });
});

test.for(['file', 'link', 'dangling link'])(
  'a foreign bin/vllmd (%s) is refused and kept',
  (kind) => {
    asUser(0);
    const foreign = join(prefix, 'bin/vllmd');
    mkdirSync(join(prefix, 'bin'), { recursive: true });
    if (kind === 'file') writeFileSync(foreign, '#!/bin/sh\n');
    else symlinkSync(kind === 'link' ? '/bin/sh' : '/nowhere/vllmd', foreign);
    const before = lstatSync(foreign);
    const { status, stdout, stderr } = install();
    expect(stderr).toContain(`${foreign} is not ours`);
    expect({ status, stdout }).toEqual({ status: 5, stdout: '' });
    expect(existsSync(join(prefix, 'lib'))).toBe(false);
    expect(install('--uninstall').status).toBe(0);
    expect(lstatSync(foreign).ino).toBe(before.ino);
  },
);

test('uninstall removes what install put there, and nothing else', () => {
  asUser(0);
  install();
  writeFileSync(join(prefix, 'bin/other'), '');
  expect(install('--uninstall')).toMatchObject({ status: 0, stdout: '' });
  expect(readdirSync(prefix, { recursive: true }).toSorted()).toEqual(['bin', 'bin/other', 'lib']);
  expect(install('--uninstall')).toMatchObject({ status: 0, stdout: '' });
});

test('uninstall refuses while the host has runtimes, unless forced', () => {
  asUser(0);
  install();
  writeFileSync(join(base, 'vllmd.target'), '{}');
  const refused = install('--uninstall');
  expect(refused).toMatchObject({ status: 5, stdout: '' });
  expect(refused.stderr).toMatch(/^install\.sh: .*sudo vllmd uninstall.*\n$/);
  expect(existsSync(join(prefix, 'bin/vllmd'))).toBe(true);
  expect(install('--uninstall', '--force').status).toBe(0);
  expect(existsSync(join(prefix, 'bin/vllmd'))).toBe(false);
});

test.for(['--uninstall --dry-run', '--dry-run --uninstall', '--uninstall --purge-data'])(
  'uninstall takes --force only, so %s is refused',
  (args) => {
    asUser(0);
    expect(install(...args.split(' '))).toMatchObject({ status: 64, stdout: '' });
  },
);

test('a relative PREFIX is refused', () => {
  asUser(0);
  prefix = 'local';
  expect(install()).toMatchObject({ status: 64, stdout: '' });
});

test('--help prints the usage and does nothing', () => {
  rmSync(join(path, 'node'));
  const { status, stdout, stderr } = install('--help');
  expect(stdout).toMatch(/^Usage: \.\/install\.sh --dry-run/);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('the real program plans the example', ({ skip }) => {
  skip(!existsSync(join(repository, 'src/main.ts')), 'there is no src/main.ts');
  // A build of sources newer than dist/ is fine here; fetching dependencies is not.
  stub('npm', `[ "$1" = run ] || exit 1\nexec node '${repository}/scripts/build.mjs'`);
  const script = join(repository, 'install.sh');
  const { status, stdout, stderr } = installFrom({ script, cwd: base }, '--dry-run');
  expect(stderr).toContain('no --config: the plan for the example');
  expect(stdout).toContain('runtime-1');
  expect(stdout).toContain('runtime-2');
  expect(status).toBe(0);
});

test('install.sh stays within 120 lines', () => {
  const script = join(repository, 'install.sh');
  expect(readFileSync(script, 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(120);
  accessSync(script, constants.X_OK);
});

const SCRIPTS_PER_CALL = 8;
test('shellcheck finds nothing in the shell scripts', { timeout: 120_000 }, async ({ skip }) => {
  skip(which('shellcheck') === undefined && process.env['CI'] === undefined, 'no shellcheck here');
  const found = ['.ci', 'scripts', 'test'].flatMap((dir) =>
    readdirSync(join(repository, dir), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.sh'))
      .map((file) => join(dir, file)),
  );
  const scripts = ['install.sh', '.ci/run', ...found.toSorted()];
  for (let first = 0; first < scripts.length; first += SCRIPTS_PER_CALL) {
    expect(await shellcheck(scripts.slice(first, first + SCRIPTS_PER_CALL))).toBe('');
  }
});

/** What it says. With -x: what a script sources is in another call perhaps. */
function shellcheck(scripts: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile('shellcheck', ['-x', ...scripts], { cwd: repository }, (error, stdout, stderr) =>
      resolve(stdout + stderr + (error !== null && stdout === '' ? error.message : '')),
    );
  });
}
