import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderTemplate } from '../src/core/render/templates.ts';

const repository = join(import.meta.dirname, '..');
const { version, dependencies, optionalDependencies } = JSON.parse(
  readFileSync(join(repository, 'package.json'), 'utf8'),
);
const hasProgram = (name: string) => spawnSync('sh', ['-c', `command -v ${name}`]).status === 0;
const isCi = process.env['CI'] !== undefined;
// Debian's own tools make and check a package. In CI they must be there.
const hasTools = isCi || (hasProgram('dpkg-deb') && hasProgram('tar'));

let base = '';
let first = '';
let second = '';

describe.skipIf(!hasTools)('the packages', () => {
  beforeAll(() => {
    base = mkdtempSync(join(tmpdir(), 'vllmd-package-test-'));
    first = join(base, 'first');
    second = join(base, 'second');
    mkdirSync(join(base, 'elsewhere'));
    const script = join(repository, 'scripts/package.mjs');
    execFileSync(process.execPath, [script, '--without-executable', '--out', first], {
      cwd: repository,
    });
    const other = { ...process.env, TZ: 'Asia/Tokyo', LC_ALL: 'tr_TR.UTF-8', LANG: 'C.UTF-8' };
    execFileSync(
      'sh',
      [
        '-c',
        'umask 077; exec "$@"',
        'sh',
        process.execPath,
        script,
        '--without-executable',
        '--out',
        second,
      ],
      {
        cwd: join(base, 'elsewhere'),
        env: { ...other, SOURCE_DATE_EPOCH: '1', TMPDIR: join(base, 'elsewhere') },
      },
    );
  }, 300_000);

  afterAll(() => rmSync(base, { recursive: true, force: true }));

  test('a directory that has something in it is refused, and stays as it is', () => {
    const out = join(base, 'full');
    mkdirSync(out);
    writeFileSync(join(out, 'vllmd_0.0.9_all.deb'), 'an earlier one');
    const script = join(repository, 'scripts/package.mjs');
    const made = spawnSync(process.execPath, [script, '--out', out], { encoding: 'utf8' });
    expect([made.status, made.stdout]).toEqual([64, '']);
    expect(made.stderr).toContain(`--out ${out}: it is not empty`);
    expect(readdirSync(out)).toEqual(['vllmd_0.0.9_all.deb']);
  });

  test('two builds in other places, time zones, languages and umasks are the same bytes', () => {
    const names = readdirSync(first);
    expect(names).toContain(`vllmd_${version}_all.deb`);
    expect(names).toContain(`vllmd-${version}.tar.gz`);
    expect(readdirSync(second)).toEqual(names);
    for (const name of names)
      expect(digest(join(second, name)), name).toBe(digest(join(first, name)));
  });

  test('SHA256SUMS has each of them', () => {
    const names = readdirSync(first).filter((name) => name !== 'SHA256SUMS');
    const sums = readFileSync(join(first, 'SHA256SUMS'), 'utf8').trim().split('\n');
    expect(sums).toEqual(names.sort().map((name) => `${digest(join(first, name))}  ${name}`));
  });

  test('what the package puts on a host', () => {
    const lines = contentsOf(`vllmd_${version}_all.deb`);
    expect(lines.filter((line) => !line.includes(' root/root '))).toEqual([]);
    const files = lines.map(fields).filter(({ path }) => !path.endsWith('/'));
    const kinds = [...new Set(files.map(({ path }) => kindOf(path)))].sort();
    expect(kinds).toEqual([
      '/usr/bin/vllmd',
      '/usr/lib/systemd/system/vllmd-recover.service',
      '/usr/lib/vllmd/compile.mjs',
      '/usr/lib/vllmd/program-ID.js',
      '/usr/lib/vllmd/vllmd.mjs',
      '/usr/share/bash-completion/completions/vllmd',
      '/usr/share/doc/vllmd/changelog.gz',
      '/usr/share/doc/vllmd/copyright',
      '/usr/share/doc/vllmd/examples/llama.toml',
      '/usr/share/doc/vllmd/examples/runtimes.json',
      '/usr/share/doc/vllmd/examples/vllmd-version-2.toml',
      '/usr/share/doc/vllmd/examples/vllmd.toml',
      '/usr/share/doc/vllmd/sbom.cdx.json',
      '/usr/share/doc/vllmd/third-party.txt.gz',
      '/usr/share/fish/vendor_completions.d/vllmd.fish',
      '/usr/share/lintian/overrides/vllmd',
      '/usr/share/man/man1/*.gz',
      '/usr/share/man/man5/*.gz',
      '/usr/share/vllmd/schemas/*',
      '/usr/share/vllmd/templates/*',
      '/usr/share/zsh/vendor-completions/_vllmd',
    ]);
    const executable = files.filter(({ mode }) => mode === '-rwxr-xr-x').map(({ path }) => path);
    expect(executable).toEqual(['/usr/lib/vllmd/compile.mjs', '/usr/lib/vllmd/vllmd.mjs']);
    expect(new Set(lines.map((line) => line.slice(0, 10)))).toEqual(
      new Set(['drwxr-xr-x', '-rw-r--r--', '-rwxr-xr-x', 'lrwxrwxrwx']),
    );
  });

  test('the package has no file of the operator, and depends on Node.js', () => {
    const deb = join(first, `vllmd_${version}_all.deb`);
    const field = (name: string) => execFileSync('dpkg-deb', ['-f', deb, name], text).trim();
    expect(field('Depends')).toBe('nodejs (>= 20.19)');
    expect(field('Version')).toBe(version);
    expect(controlFiles(deb)).toEqual([
      'control',
      'md5sums',
      'postinst',
      'postrm',
      'prerm',
      'triggers',
    ]);
  });

  test('its unit is what this vllmd renders', () => {
    const path = './usr/lib/systemd/system/vllmd-recover.service';
    expect(fileOf(`vllmd_${version}_all.deb`, path).toString()).toBe(
      renderTemplate('vllmd-recover.service', {
        configDir: '/etc/vllmd',
        stateDir: '/var/lib/vllmd',
      }),
    );
  });

  // In CI it must be there: a build without it has had no compiler.
  test.skipIf(!(isCi || existsSync(join(repository, 'dist/better_sqlite3.node'))))(
    'the compiled SQLite is bound to this vllmd and this line of Node.js',
    () => {
      const [name = ''] = readdirSync(first).filter((found) => found.startsWith('vllmd-hive-'));
      const depends = execFileSync('dpkg-deb', ['-f', join(first, name), 'Depends'], text);
      const major = Number(process.versions.node.split('.')[0]);
      expect(depends).toContain(
        `vllmd (= ${version}), nodejs (>= ${major}~), nodejs (<< ${major + 1}~), libc6 (>= 2.`,
      );
    },
  );

  // In CI it must be there: .ci/run installs it.
  test.skipIf(!(isCi || hasProgram('lintian')))(
    'lintian finds nothing',
    { timeout: 300_000 },
    () => {
      const debs = readdirSync(first).filter((name) => name.endsWith('.deb'));
      const result = spawnSync('lintian', ['--tag-display-limit', '0', ...debs], {
        ...text,
        cwd: first,
      });
      expect(result.stdout).toBe('');
      expect(result.status).toBe(0);
    },
  );

  test.skipIf(!(isCi || hasProgram('shellcheck')))(
    'shellcheck finds nothing in its scripts',
    () => {
      const scripts = ['postinst', 'prerm', 'postrm'].map(
        (name) => `packaging/debian/vllmd/${name}`,
      );
      const result = spawnSync('shellcheck', scripts, { ...text, cwd: repository });
      expect(result.stdout).toBe('');
      expect(result.status).toBe(0);
    },
  );

  test('the list of what is in it has name, version, licence and digest of each part', () => {
    const bom = JSON.parse(
      fileOf(`vllmd_${version}_all.deb`, './usr/share/doc/vllmd/sbom.cdx.json').toString(),
    );
    expect(bom).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 });
    expect(bom.serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(bom.metadata.component).toMatchObject({ type: 'application', name: 'vllmd', version });
    const refs: readonly string[] = bom.components.map((part: Part) => part['bom-ref']);
    expect(new Set(refs).size).toBe(refs.length);
    for (const part of bom.components) {
      expect(part.purl).toMatch(/^pkg:npm\/(%40[\w.-]+\/)?[\w.-]+@\d+\.\d+\.\d+$/);
      expect(part.licenses[0].license.id).toMatch(/^[\w.-]+$/);
      expect(part.hashes[0].content).toMatch(/^[0-9a-f]{128}$/);
    }
    const known = new Set([bom.metadata.component['bom-ref'], ...refs]);
    for (const { ref, dependsOn } of bom.dependencies) {
      expect(known).toContain(ref);
      for (const needed of dependsOn) expect(known).toContain(needed);
    }
    const names = bom.components.map(({ group, name }: Part) =>
      group ? `${group}/${name}` : name,
    );
    expect(names).toEqual(
      expect.arrayContaining(['yargs', 'smol-toml', 'execa', '@clack/prompts']),
    );
    expect(names).not.toContain('esbuild');
  });

  test('a tarball is enough for a host without npm', () => {
    execFileSync('tar', ['-xzf', join(first, `vllmd-${version}.tar.gz`), '-C', base]);
    const root = join(base, `vllmd-${version}`);
    expect(readdirSync(root).sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'dist',
      'fixtures',
      'install.sh',
      'sbom.cdx.json',
      'schemas',
      'third-party.txt',
    ]);
    const sbom = JSON.parse(readFileSync(join(root, 'sbom.cdx.json'), 'utf8'));
    const hasSqlite = readdirSync(join(root, 'dist')).includes('better_sqlite3.node');
    expect(sbom.components.some(({ name }: Part) => name === 'sqlite')).toBe(hasSqlite);
    const bin = join(base, 'bin');
    mkdirSync(bin);
    const tools = 'cat cut dirname find getent grep head id paste readlink sed sh stat env';
    execFileSync('sh', [
      '-c',
      `for tool in ${tools}; do ln -s "$(command -v $tool)" "$0"; done; ln -s "$1" "$0/node"`,
      bin,
      process.execPath,
    ]);
    const result = spawnSync(join(root, 'install.sh'), ['--dry-run'], {
      ...text,
      env: { PATH: bin },
    });
    expect(result.stderr).toContain('the plan for the example');
    expect(result.stdout).toMatch(/^Plan: \d+ to create/m);
    expect(statSync(join(root, 'install.sh')).mode & 0o777).toBe(0o755);
  });
});

test('docs/decisions.md says what each package that the program needs is for', () => {
  const decisions = readFileSync(join(repository, 'docs/decisions.md'), 'utf8');
  const rows = [...decisions.matchAll(/^\| ([^|]+) \|/gm)].map(([, name]) => name?.split(' ')[0]);
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    expect(rows, name).toContain(name);
  }
});

type Part = { readonly 'bom-ref': string; readonly group?: string; readonly name: string };

const text = { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } } as const;

function digest(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

function contentsOf(deb: string): readonly string[] {
  return execFileSync('dpkg-deb', ['-c', join(first, deb)], text)
    .trim()
    .split('\n');
}

function fields(line: string) {
  const [mode = '', , , , , path = ''] = line.split(/ +/);
  return { mode, path: path.slice(1) };
}

/** The files of which there are many, by where they lie. */
function kindOf(path: string): string {
  return path
    .replace(/program-[0-9a-f]+/, 'program-ID')
    .replace(/(\/man\/man\d\/)[^/]+/, '$1*.gz')
    .replace(/(\/vllmd\/(schemas|templates)\/).+/, '$1*');
}

function fileOf(deb: string, path: string): Buffer {
  const archive = execFileSync('dpkg-deb', ['--fsys-tarfile', join(first, deb)], {
    maxBuffer: 2 ** 28,
  });
  return execFileSync('tar', ['-xO', path], { input: archive, maxBuffer: 2 ** 28 });
}

function controlFiles(deb: string): readonly string[] {
  const archive = execFileSync('dpkg-deb', ['--ctrl-tarfile', deb]);
  const names = execFileSync('tar', ['-t'], { input: archive, ...text })
    .trim()
    .split('\n');
  return names
    .map((name) => name.slice(2))
    .filter((name) => name !== '')
    .sort();
}
