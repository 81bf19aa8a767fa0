// Bundles the program, so that it needs nothing but Node: dist/vllmd.mjs starts what lies beside it. dist/share/ has manual
// pages and completions as they lie below PREFIX/share.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildProgram } from './build/program.mjs';
import { buildStarters } from './build/starters.mjs';
import { loadTypeScript } from './load-typescript.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path) => readFileSync(`${root}${path}`, 'utf8');
const { version } = JSON.parse(read('package.json'));

/** SQLite is compiled for one version of Node, and so it is a file by itself. */
const driver = `${root}node_modules/better-sqlite3/build/Release/better_sqlite3.node`;
const hasDriver = existsSync(driver);

const program = await buildProgram({ root, version, hasDriver });
const [start, compile] = await buildStarters({ root, index: program.index });

/** A manual page has a date. That of a build would make two builds differ; this one is of the last thing decided. */
const [, date] = /^## (\d{4}-\d\d-\d\d): /m.exec(read('docs/decisions.md'));

async function writeShare() {
  const { shareFiles } = await loadTypeScript('src/cli/share-files.ts');
  const schema = JSON.parse(read('schemas/vllmd-hypervisor-config-schema.json'));
  const example = read('fixtures/version-2/vllmd.toml');
  const staged = `${root}dist/.share.${process.pid}`;
  for (const [path, text] of shareFiles({ version, date, schema, example })) {
    mkdirSync(dirname(`${staged}/${path}`), { recursive: true });
    writeFileSync(`${staged}/${path}`, text);
  }
  rmSync(`${root}dist/share`, { recursive: true, force: true });
  renameSync(staged, `${root}dist/share`);
}

mkdirSync(`${root}dist`, { recursive: true });
await writeShare();
if (hasDriver) put('better_sqlite3.node', readFileSync(driver), 0o644);
else rmSync(`${root}dist/better_sqlite3.node`, { force: true });
put(`program-${program.index.id}.js`, program.text, 0o644);
put('compile.mjs', compile, 0o755);
// Before the others go: whoever starts meanwhile finds what he looks for.
put('vllmd.mjs', start, 0o755);
removeOthers();
execFileSync(process.execPath, [`${root}dist/compile.mjs`]);

/** Programs of earlier builds, and what the engine knew of them. */
function removeOthers() {
  for (const name of readdirSync(`${root}dist`)) {
    const [, id] = /^program-([0-9a-f]+)\.(?:js|code)$/.exec(name) ?? [];
    if (id !== undefined && id !== program.index.id) rmSync(`${root}dist/${name}`);
  }
  // What the registry was before it became a part of the program.
  rmSync(`${root}dist/vllmd-hive.mjs`, { force: true });
}

/** Renamed into place, so that a program that starts meanwhile never reads half a file. */
function put(name, content, mode) {
  const staged = `${root}dist/.${name}.${process.pid}`;
  writeFileSync(staged, content);
  chmodSync(staged, mode);
  renameSync(staged, `${root}dist/${name}`);
  console.log(`dist/${name}  ${(Buffer.byteLength(content) / 1024).toFixed(0)} KiB`);
}
