// Packages of the program that `npm run build` has made: dist/release/, or --out DIR, which is new or empty.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { builtProgram, bundledPackages } from './package/bundled.mjs';
import { executable, executableName, isPossible, nodeLicence } from './package/executable.mjs';
import { nodePart, sqlitePart } from './package/parts.mjs';
import { programFiles } from './package/program.mjs';
import { release, root } from './package/release.mjs';
import { licenceList, sbom } from './package/sbom.mjs';
import { sqliteDeb, sqliteDebName } from './package/sqlite-deb.mjs';
import { tarball, tarballName } from './package/tarball.mjs';
import { vllmdDeb } from './package/vllmd-deb.mjs';

const { values } = parseArgs({
  // The executable is 100 MB, and only who wants it has to wait for it.
  options: { out: { type: 'string' }, 'without-executable': { type: 'boolean' } },
});
const out = values.out === undefined ? join(root, 'dist/release') : resolve(values.out);
if (values.out !== undefined && existsSync(out) && readdirSync(out).length > 0) {
  console.error(
    `package: --out ${values.out}: it is not empty; give it a directory that is new or empty`,
  );
  process.exit(64);
}
const driver = join(root, 'dist/better_sqlite3.node');
const hasDriver = existsSync(driver);

const built = await builtProgram({ hasDriver, files: programFiles() });
const packages = bundledPackages(built);
const licences = licenceList(packages);
const contentsWith = (others) => ({ sbom: sbom('vllmd', packages, others), licences });
const sqlite = hasDriver ? [sqlitePart()] : [];

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
await vllmdDeb(contentsWith([]), join(out, `vllmd_${release.debianVersion}_all.deb`));
if (hasDriver) sqliteDeb(driver, join(out, sqliteDebName()));
else console.log('without vllmd-hive-sqlite: there was no compiler for it when vllmd was built');
tarball(contentsWith(sqlite), driver, join(out, tarballName()));
if (isPossible() && !values['without-executable']) await writeExecutable();
else if (!isPossible()) console.log('without an executable: this Node.js was built without them');
writeSums();

/** With what has to go wherever it goes. */
async function writeExecutable() {
  const path = join(out, executableName());
  const contents = contentsWith([...sqlite, nodePart()]);
  await executable(built, driver, path);
  writeFileSync(`${path}.cdx.json`, contents.sbom);
  writeFileSync(`${path}.third-party.txt`, contents.licences);
  writeFileSync(join(out, `node-${process.versions.node}-LICENSE`), nodeLicence());
}

function writeSums() {
  const sums = readdirSync(out)
    .sort()
    .map((name) => {
      const content = readFileSync(join(out, name));
      console.log(`${name}  ${(content.length / 1024).toFixed(0)} KiB`);
      return `${createHash('sha256').update(content).digest('hex')}  ${name}\n`;
    });
  writeFileSync(join(out, 'SHA256SUMS'), sums.join(''));
}
