// A tree of files as it goes into a package, whatever umask, clock and locale there are.
import {
  chmodSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** @typedef {{ content: string | Buffer, mode?: number } | { link: string }} Entry */

/** Without a name and a time in it. */
export function gzip(content) {
  return gzipSync(content, { level: 9 });
}

/** Writes entries, by path below `dir`; everything in it has the one time. */
export function writeTree(dir, entries, time) {
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  for (const [path, entry] of entries) {
    const at = join(dir, path);
    mkdirSync(dirname(at), { recursive: true });
    if (entry.link !== undefined) {
      symlinkSync(entry.link, at);
      continue;
    }
    writeFileSync(at, entry.content);
    chmodSync(at, entry.mode ?? 0o644);
  }
  seal(dir, time);
}

function seal(dir, time) {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const at = join(dir, entry.name);
    if (entry.isDirectory()) seal(at, time);
    else lutimesSync(at, time, time);
  }
  chmodSync(dir, 0o755);
  lutimesSync(dir, time, time);
}
