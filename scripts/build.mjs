// Bundles the CLI into one file that needs nothing but Node: dist/vllmd.mjs. Beside it, dist/share/ has manual pages and
// completions as they lie below PREFIX/share.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { loadTypeScript } from './load-typescript.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path) => readFileSync(`${root}${path}`, 'utf8');
const { version } = JSON.parse(read('package.json'));

/**
 * Node's own modules are loaded when the code that uses them first runs. As `import`s of the one file all of them
 * would be loaded at every start, also those of a program runner that most commands never use.
 */
const lazyBuiltins = {
  name: 'lazy-builtins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[a-z_:/0-9]+$/ }, ({ path }) => {
      const name = path.replace(/^node:/, '');
      return builtinModules.includes(name) ? { path: `node:${name}`, namespace: 'builtin' } : null;
    });
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = require$(${JSON.stringify(path)})`,
    }));
  },
};

/**
 * The help is plain ASCII. The package that yargs measures it with brings regular expressions of all emoji, and parsing
 * these takes longer at every start than all else in the file.
 */
const plainWidth = {
  name: 'plain-width',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^string-width$/ }, () => ({ path: 'string-width', namespace: 'plain' }));
    onLoad({ filter: /.*/, namespace: 'plain' }, () => ({
      contents: 'export default (text) => text.length;',
    }));
  },
};

/** The registry is a program of its own beside the rest: the two are no file of each other's. */
const hiveApart = {
  name: 'hive-apart',
  setup({ onResolve }) {
    onResolve({ filter: /\/hive\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './vllmd-hive.mjs', external: true } : null,
    );
  },
};

/** SQLite is compiled for one version of Node where there is a compiler: a vllmd without it has all else. */
const driver = `${root}node_modules/better-sqlite3/build/Release/better_sqlite3.node`;
const hasDriver = existsSync(driver);
const nativeDriver = {
  name: 'native-driver',
  setup({ onResolve, onLoad }) {
    const isMissing = hasDriver ? /^bindings$/ : /^(bindings|better-sqlite3)$/;
    onResolve({ filter: isMissing }, ({ path }) => ({ path, namespace: 'missing' }));
    onLoad({ filter: /.*/, namespace: 'missing' }, () => ({
      contents: "throw new Error('it was not compiled when vllmd was built')",
    }));
  },
};

const shared = {
  absWorkingDir: root,
  write: false,
  bundle: true,
  platform: 'node',
  // What its `main` names loads its parts in a way that no bundler sees.
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
  target: 'node20',
  format: 'esm',
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  sourcemap: false,
  define: { __VLLMD_VERSION__: JSON.stringify(version) },
  // An ES module has no `require`, and the CommonJS dependencies ask for node's own modules with it.
  banner: {
    js: "import{createRequire as createRequire$}from'node:module';const require$=createRequire$(import.meta.url),require=require$;",
  },
  logLevel: 'warning',
};

const main = await build({
  ...shared,
  entryPoints: ['src/main.ts'],
  outfile: 'dist/vllmd.mjs',
  plugins: [lazyBuiltins, plainWidth, hiveApart],
});
const hive = await build({
  ...shared,
  entryPoints: ['src/hive.ts'],
  outfile: 'dist/vllmd-hive.mjs',
  plugins: [lazyBuiltins, nativeDriver],
});

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
put('vllmd-hive.mjs', hive.outputFiles[0].text, 0o644);
if (hasDriver) put('better_sqlite3.node', readFileSync(driver), 0o644);
else rmSync(`${root}dist/better_sqlite3.node`, { force: true });
// Last, since it is what says that a build is complete.
put('vllmd.mjs', `#!/usr/bin/env node\n${main.outputFiles[0].text.replace(/^#!.*\n/, '')}`, 0o755);

/** Renamed into place, so that a program that starts meanwhile never reads half a file. */
function put(name, content, mode) {
  const staged = `${root}dist/.${name}.${process.pid}`;
  writeFileSync(staged, content);
  chmodSync(staged, mode);
  renameSync(staged, `${root}dist/${name}`);
  console.log(`dist/${name}  ${(Buffer.byteLength(content) / 1024).toFixed(0)} KiB`);
}
