// What is in a package and is no package of npm, as CycloneDX has it.
import process from 'node:process';
import { readText } from './release.mjs';

export const SQLITE_PACKAGE = 'node_modules/better-sqlite3';

/** Compiled into the driver, from what its package has of it. */
export function sqlitePart() {
  const [, version] =
    /^#define SQLITE_VERSION +"(.+)"$/m.exec(
      readText(`${SQLITE_PACKAGE}/deps/sqlite3/sqlite3.h`),
    ) ?? [];
  if (version === undefined) throw new Error(`${SQLITE_PACKAGE} does not say which SQLite it has`);
  return {
    type: 'library',
    'bom-ref': `sqlite@${version}`,
    name: 'sqlite',
    version,
    licenses: [{ license: { name: 'public domain' } }],
    cpe: `cpe:2.3:a:sqlite:sqlite:${version}:*:*:*:*:*:*:*`,
  };
}

/** The Node that an executable is; its own licence lists what is in it. */
export function nodePart() {
  const { node } = process.versions;
  return {
    type: 'platform',
    'bom-ref': `node@${node}`,
    name: 'node',
    version: node,
    licenses: [{ license: { id: 'MIT' } }],
    cpe: `cpe:2.3:a:nodejs:node.js:${node}:*:*:*:*:*:*:*`,
  };
}
