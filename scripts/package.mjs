// Packages of the program that `npm run build` has made: dist/release/, or --out DIR.
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { release, root } from './package/release.mjs';
import { vllmdDeb } from './package/vllmd-deb.mjs';

const { values } = parseArgs({ options: { out: { type: 'string' } } });
if (!existsSync(join(root, 'dist/vllmd.mjs'))) throw new Error('dist/vllmd.mjs: npm run build');
const out = values.out === undefined ? join(root, 'dist/release') : resolve(values.out);
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

await vllmdDeb(join(out, `vllmd_${release.debianVersion}_all.deb`));
