import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
const isOfProgram = /^(vllmd\.mjs|program-[0-9a-f]+\.(js|code)|better_sqlite3\.node)$/;

/** The built program, to run it from another place. */
export function copyProgram(folder: string): void {
  const names = readdirSync(dist).filter((name) => isOfProgram.test(name));
  expect(names, 'dist: npm run build').toContain('vllmd.mjs');
  for (const name of names) cpSync(join(dist, name), join(folder, name));
}
