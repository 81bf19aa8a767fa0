// vllmd-VERSION.tar.gz: install.sh with what it installs, for hosts without npm and without dpkg.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { programFiles } from './program.mjs';
import { readText, release } from './release.mjs';
import { filesBelow } from './share.mjs';
import { gzip, writeTree } from './tree.mjs';

/** The example that install.sh plans. */
const EXAMPLE = 'fixtures/contract-example/vllmd.toml';

export function tarballName() {
  return `vllmd-${release.version}.tar.gz`;
}

/** SQLite is in it for the machines that it was compiled for; on others `vllmd hive serve` says that it is not. */
export function tarball({ sbom, licences }, driver, out) {
  const top = `vllmd-${release.version}`;
  const files = [
    ['install.sh', { content: readText('install.sh'), mode: 0o755 }],
    ...['LICENSE', 'README.md', 'CHANGELOG.md', EXAMPLE].map((path) => [
      path,
      { content: readText(path) },
    ]),
    ['sbom.cdx.json', { content: sbom }],
    ['third-party.txt', { content: licences }],
    ...programFiles().map(([name, content]) => [`dist/${name}`, modeOf(content)]),
    ...(existsSync(driver)
      ? [['dist/better_sqlite3.node', { content: readFileSync(driver) }]]
      : []),
    ...['dist/share', 'schemas'].flatMap((folder) =>
      filesBelow(folder).map(([path, content]) => [`${folder}/${path}`, { content }]),
    ),
  ];
  writeFileSync(out, gzip(archived(top, files)));
}

function modeOf(content) {
  return { content, mode: content.subarray(0, 2).toString() === '#!' ? 0o755 : 0o644 };
}

/** Whoever packs it: root's, in the order of names. */
function archived(top, files) {
  const stage = mkdtempSync(join(tmpdir(), 'vllmd-tar-'));
  try {
    writeTree(join(stage, top), files, release.date);
    const options = ['--format=ustar', '--sort=name', '--owner=0', '--group=0', '--numeric-owner'];
    return execFileSync('tar', [...options, '-C', stage, '-c', top], {
      maxBuffer: 2 ** 30,
      env: { PATH: process.env.PATH, LC_ALL: 'C' },
    });
  } finally {
    rmSync(stage, { recursive: true });
  }
}
