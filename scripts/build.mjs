// Bundles the CLI into one file that needs nothing but Node: dist/vllmd.mjs. Beside it, dist/share/ has manual pages and
// completions as they lie below PREFIX/share.
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
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

const result = await build({
  absWorkingDir: root,
  entryPoints: ['src/main.ts'],
  outfile: 'dist/vllmd.mjs',
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
  plugins: [lazyBuiltins, plainWidth],
  logLevel: 'warning',
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

const [bundle] = result.outputFiles;
const text = `#!/usr/bin/env node\n${bundle.text.replace(/^#!.*\n/, '')}`;

mkdirSync(`${root}dist`, { recursive: true });
await writeShare();
// Renamed into place, so that a program that starts meanwhile never reads half a file.
const staged = `${root}dist/.vllmd.mjs.${process.pid}`;
writeFileSync(staged, text);
chmodSync(staged, 0o755);
renameSync(staged, `${root}dist/vllmd.mjs`);
console.log(`dist/vllmd.mjs  ${(Buffer.byteLength(text) / 1024).toFixed(0)} KiB`);
