// Packages of the program that `npm run build` has made: dist/release/, or --out DIR.
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { release, root } from './package/release.mjs';
import { sqliteDeb, sqliteDebName } from './package/sqlite-deb.mjs';
import { vllmdDeb } from './package/vllmd-deb.mjs';

const { values } = parseArgs({ options: { out: { type: 'string' } } });
if (!existsSync(join(root, 'dist/vllmd.mjs'))) throw new Error('dist/vllmd.mjs: npm run build');
const out = values.out === undefined ? join(root, 'dist/release') : resolve(values.out);
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

await vllmdDeb(join(out, `vllmd_${release.debianVersion}_all.deb`));
const driver = join(root, 'dist/better_sqlite3.node');
if (existsSync(driver)) sqliteDeb(driver, join(out, sqliteDebName()));
else console.log('without vllmd-hive-sqlite: there was no compiler for it when vllmd was built');
