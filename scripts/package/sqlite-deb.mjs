// vllmd-hive-sqlite_VERSION_ARCH.deb: what `vllmd hive serve` needs besides, compiled for one machine and one line of Node.js.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { packageAt } from './bundled.mjs';
import { changelog } from './changelog.mjs';
import { buildDeb } from './deb.mjs';
import { SQLITE_PACKAGE as PACKAGE, sqlitePart } from './parts.mjs';
import { MAINTAINER, readText, release } from './release.mjs';
import { sbom } from './sbom.mjs';
import { gzip } from './tree.mjs';

const NAME = 'vllmd-hive-sqlite';
const ARCHITECTURES = { x64: 'amd64', arm64: 'arm64', ppc64: 'ppc64el', s390x: 's390x' };
/** The compiler whose library first had these symbols. */
const LIBSTDCXX = { 28: '10', 29: '11', 30: '12', 31: '13.1', 32: '13.2', 33: '14' };

export function sqliteDebName() {
  return `${NAME}_${release.debianVersion}_${architecture()}.deb`;
}

/** @param {string} driver dist/better_sqlite3.node */
export function sqliteDeb(driver, out) {
  // Throws where it was compiled for another Node.js than this one, which names what it depends on.
  process.dlopen({ exports: {} }, driver);
  const content = stripped(driver);
  const doc = `usr/share/doc/${NAME}`;
  const files = new Map([
    ['usr/lib/vllmd/better_sqlite3.node', { content }],
    [`${doc}/copyright`, { content: copyright() }],
    [`${doc}/sbom.cdx.json`, { content: sbom(NAME, [packageAt(PACKAGE)], [sqlitePart()]) }],
    [
      `${doc}/changelog.gz`,
      { content: gzip(changelog(readText('CHANGELOG.md'), release, MAINTAINER, NAME)) },
    ],
  ]);
  buildDeb({
    control: control(content),
    files,
    scripts: `debian/${NAME}`,
    time: release.date,
    out,
  });
}

function control(content) {
  const major = Number(process.versions.node.split('.')[0]);
  return {
    Package: NAME,
    Version: release.debianVersion,
    Architecture: architecture(),
    Maintainer: MAINTAINER,
    Section: 'admin',
    Priority: 'optional',
    Depends: [
      `vllmd (= ${release.debianVersion})`,
      `nodejs (>= ${major}~)`,
      `nodejs (<< ${major + 1}~)`,
      ...libraries(content.toString('latin1')),
    ].join(', '),
    Description: `SQLite for the service registry of vllmd
 "vllmd hive serve" keeps its catalogue in an SQLite database. This is the
 compiled part of that, for Node.js ${major} (module version ${process.versions.modules}).
 .
 All else of vllmd works without it, also the agent that registers a host.`,
  };
}

function architecture() {
  const name = ARCHITECTURES[process.arch];
  if (name === undefined) throw new Error(`no Debian architecture is known for ${process.arch}`);
  return name;
}

/** From the versions of symbols that it asks for. */
function libraries(text) {
  const newest = (pattern) =>
    Math.max(...[...text.matchAll(pattern)].map(([, minor]) => Number(minor)));
  const glibc = newest(/GLIBC_2\.(\d+)\0/g);
  const cxx = newest(/GLIBCXX_3\.4\.(\d+)\0/g);
  const compiler = cxx < 28 ? '10' : LIBSTDCXX[cxx];
  if (compiler === undefined) throw new Error(`no libstdc++6 is known that has GLIBCXX_3.4.${cxx}`);
  return [`libc6 (>= 2.${glibc})`, `libstdc++6 (>= ${compiler})`];
}

function stripped(driver) {
  const dir = mkdtempSync(join(tmpdir(), 'vllmd-strip-'));
  try {
    const copy = join(dir, 'driver');
    cpSync(driver, copy);
    execFileSync('strip', ['--strip-unneeded', '--remove-section=.comment', copy]);
    return readFileSync(copy);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** SQLite itself is in the public domain. */
function copyright() {
  const licence = readText(`${PACKAGE}/LICENSE`);
  return `${readText('packaging/debian/copyright')}
Files: usr/lib/vllmd/better_sqlite3.node
Copyright: ${/^Copyright \(c\) (.*)$/m.exec(licence)[1]}
License: Expat
${licence
  .trim()
  .split('\n')
  .slice(
    licence
      .trim()
      .split('\n')
      .findIndex((line) => line.startsWith('Permission')),
  )
  .map((line) => (line === '' ? ' .' : ` ${line}`))
  .join('\n')}
Comment: has SQLite compiled in, which is in the public domain.
`;
}
