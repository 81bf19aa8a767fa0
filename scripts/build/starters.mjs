// What loads the program: small, since all of it is read at every start.
import { build } from 'esbuild';

/** The texts of vllmd.mjs and compile.mjs for a program of this index. */
export function buildStarters({ root, index }) {
  return Promise.all(['start', 'compile'].map((name) => starter(root, name, index)));
}

async function starter(root, name, index) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [`src/start/${name}.ts`],
    write: false,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    define: { __VLLMD_INDEX__: JSON.stringify(index) },
    logLevel: 'warning',
  });
  return `#!/usr/bin/env node\n${outputFiles[0].text}`;
}
