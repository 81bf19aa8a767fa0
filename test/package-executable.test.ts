import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const repository = join(import.meta.dirname, '..');
const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
const example = join(repository, 'fixtures/contract-example/vllmd.toml');

const obstacle = obstacleHere();
if (obstacle !== undefined && process.env['CI'] === undefined) {
  process.stderr.write(`tests of the executable skipped: ${obstacle}\n`);
}

/** What keeps the script from making one here. */
function obstacleHere(): string | undefined {
  if (process.platform !== 'linux') return `it is made on Linux, this is ${process.platform}`;
  if (spawnSync('dpkg-deb', ['--version']).status !== 0) return 'the packages need dpkg-deb';
  const hasFuse = readFileSync(process.execPath).includes('NODE_SEA_FUSE_');
  return hasFuse ? undefined : 'this Node.js was built without single executables';
}

describe.skipIf(obstacle !== undefined && process.env['CI'] === undefined)('the executable', () => {
  let base = '';
  let program = '';

  beforeAll(() => {
    base = mkdtempSync(join(tmpdir(), 'vllmd-executable-test-'));
    for (const name of ['first', 'second']) {
      const script = join(repository, 'scripts/package.mjs');
      execFileSync(process.execPath, [script, '--out', join(base, name)], { stdio: 'pipe' });
    }
    program = join(base, 'first', `vllmd-${version}-linux-${process.arch}`);
  }, 300_000);

  afterAll(() => rmSync(base, { recursive: true, force: true }));

  /** With no Node in reach. */
  const vllmd = (...args: readonly string[]) =>
    spawnSync(program, args, { encoding: 'utf8', cwd: base, env: { PATH: '/nowhere' } });

  test('two builds are the same bytes', () => {
    const [first, second] = ['first', 'second'].map((name) =>
      readFileSync(join(base, name, 'SHA256SUMS'), 'utf8'),
    );
    expect(first).toContain(`vllmd-${version}-linux-${process.arch}`);
    expect(second).toBe(first);
  });

  test('it goes with what it is made of, and with the licences of that', () => {
    const sbom = JSON.parse(readFileSync(`${program}.cdx.json`, 'utf8'));
    const parts: readonly { readonly name: string }[] = sbom.components;
    const names = parts.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['better-sqlite3', 'sqlite', 'node', 'yargs', 'smol-toml']),
    );
    expect(sbom.components).toContainEqual(
      expect.objectContaining({ name: 'node', version: process.versions.node }),
    );
    const licences = readFileSync(`${program}.third-party.txt`, 'utf8');
    expect(licences).toMatch(/yargs \d.* \(MIT\)/);
  });

  test('it goes with the licence of the Node.js in it', () => {
    const name = `node-${process.versions.node}-LICENSE`;
    expect(readdirSync(join(base, 'first'))).toContain(name);
    expect(readFileSync(join(base, 'first', name), 'utf8')).toContain('Node.js');
  });

  test('it says what the program in files says', () => {
    const script = join(repository, 'dist/vllmd.mjs');
    for (const args of [
      ['--version'],
      ['validate', example],
      ['validate', join(repository, 'fixtures/bad-syntax/vllmd.toml')],
      ['install', '--dry-run', '--config', example],
      ['hive', 'serve', '--help'],
      ['no-such-command'],
    ]) {
      const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
        encoding: 'utf8',
        cwd: base,
        env: { PATH: '/nowhere' },
      });
      expect(vllmd(...args), args.join(' ')).toMatchObject({ status, stdout, stderr });
    }
  });

  test('it has the registry with its own SQLite, of which it leaves no file', async () => {
    // Whoever can write where it lies gets nothing loaded, and the name of the folder needs care.
    const folder = join(base, 'a #b ?c %41');
    mkdirSync(folder);
    linkSync(program, join(folder, 'vllmd'));
    writeFileSync(join(folder, 'better_sqlite3.node'), 'of somebody else');
    const port = await freePort();
    writeFileSync(
      join(base, 'control.yaml'),
      `server: {host: 127.0.0.1, port: ${port}}\nauth: {client_api_keys: [client-key]}\nstorage: {sqlite_path: registry.sqlite}\n`,
    );
    const served = spawn(join(folder, 'vllmd'), ['hive', 'serve', '--config', 'control.yaml'], {
      cwd: base,
      env: {},
      stdio: 'ignore',
    });
    const ended = once(served, 'exit');
    try {
      const answer = await answerOf(`http://127.0.0.1:${port}/v1/models`);
      expect(answer).toEqual({ object: 'list', data: [] });
      const maps = readFileSync(`/proc/${served.pid}/maps`, 'utf8');
      expect(maps).toMatch(/ r-xp .*\(deleted\)$/m);
    } finally {
      served.kill();
    }
    expect(await ended).toEqual([0, null]);
    expect(readdirSync(base).some((name) => name.endsWith('.node'))).toBe(false);
    expect(readdirSync(folder).toSorted()).toEqual(['better_sqlite3.node', 'vllmd']);
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function answerOf(url: string): Promise<unknown> {
  for (;;) {
    try {
      const answer = await fetch(url, { headers: { authorization: 'Bearer client-key' } });
      return await answer.json();
    } catch {
      // It is not there yet; the test has a time limit.
      await delay(100);
    }
  }
}
