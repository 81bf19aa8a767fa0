// Bundles the CLI into one file that needs nothing but Node: dist/vllmd.mjs.
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

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
    js: "import{createRequire as vllmdCreateRequire}from'node:module';const require=vllmdCreateRequire(import.meta.url);",
  },
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
