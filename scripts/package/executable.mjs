// vllmd-VERSION-linux-ARCH: the Node that builds, with the program in it, for hosts that have none.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { build } from 'esbuild';
import { inject } from 'postject';
import { release, root } from './release.mjs';

/** Stands in every Node, followed by 0, and by 1 where a program is in it. */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/** Distributions may leave it out. */
export function isPossible() {
  return readFileSync(process.execPath).includes(FUSE);
}

export function executableName() {
  return `vllmd-${release.version}-linux-${process.arch}`;
}

/** @param {{ index: object, text: string }} program as it was built */
export async function executable({ index, text }, driver, out) {
  const stage = mkdtempSync(join(tmpdir(), 'vllmd-sea-'));
  try {
    const at = (name) => join(stage, name);
    writeFileSync(at('main.cjs'), await starter(index));
    writeFileSync(at('program'), text);
    const assets = {
      program: at('program'),
      ...(existsSync(driver) && { 'better_sqlite3.node': driver }),
    };
    const config = {
      main: 'main.cjs',
      output: 'blob',
      disableExperimentalSEAWarning: true,
      assets,
    };
    writeFileSync(at('config.json'), JSON.stringify(config));
    execFileSync(process.execPath, ['--experimental-sea-config', 'config.json'], {
      cwd: stage,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    copyFileSync(realpathSync(process.execPath), at('node'));
    chmodSync(at('node'), 0o755);
    await inject(at('node'), 'NODE_SEA_BLOB', readFileSync(at('blob')), { sentinelFuse: FUSE });
    copyFileSync(at('node'), out);
    chmodSync(out, 0o755);
  } finally {
    rmSync(stage, { recursive: true });
  }
}

/** A program in an executable is CommonJS on Node 20. */
async function starter(index) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['src/start/sea.ts'],
    write: false,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    define: { __VLLMD_INDEX__: JSON.stringify(index) },
    logLevel: 'warning',
  });
  return outputFiles[0].text;
}

/** That of Node and of all that is in it, which goes wherever it goes. */
export function nodeLicence() {
  const bin = dirname(realpathSync(process.execPath));
  const places = [
    join(bin, '../LICENSE'),
    '/usr/share/doc/nodejs/LICENSE',
    '/usr/share/doc/nodejs/copyright',
    '/usr/local/LICENSE',
  ];
  const isOfNode = (path) => existsSync(path) && readFileSync(path, 'utf8').includes('Node.js');
  const found = places.find(isOfNode);
  if (found === undefined)
    throw new Error(`the licence of Node.js is at none of ${places.join(', ')}`);
  return readFileSync(found);
}
