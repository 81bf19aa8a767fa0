// Bundles the CLI into one file that needs nothing but Node: dist/vllmd.mjs.
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

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

const [bundle] = result.outputFiles;
const text = `#!/usr/bin/env node\n${bundle.text.replace(/^#!.*\n/, '')}`;

// Renamed into place, so that a program that starts meanwhile never reads half a file.
mkdirSync(`${root}dist`, { recursive: true });
const staged = `${root}dist/.vllmd.mjs.${process.pid}`;
writeFileSync(staged, text);
chmodSync(staged, 0o755);
renameSync(staged, `${root}dist/vllmd.mjs`);
console.log(`dist/vllmd.mjs  ${(Buffer.byteLength(text) / 1024).toFixed(0)} KiB`);
