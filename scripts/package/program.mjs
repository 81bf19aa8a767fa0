// What the program is made of, as `npm run build` has left it in dist/.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './release.mjs';

/** The one that is run. */
export const MAIN = 'vllmd.mjs';
/** Called where the program or Node has been put in place; what it makes is of one Node and in no package. */
export const COMPILE = 'compile.mjs';

/** Names with texts. SQLite is not among them: it is compiled. */
export function programFiles() {
  const names = readdirSync(join(root, 'dist')).filter((name) => /^program-.*\.js$/.test(name));
  if (names.length !== 1) throw new Error(`dist/ has ${names.length} programs: npm run build`);
  return [...names, COMPILE, MAIN].map((name) => [name, readFileSync(join(root, 'dist', name))]);
}
