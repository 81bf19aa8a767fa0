import { closeSync, constants, openSync, writeFileSync } from 'node:fs';
import { dlopen } from 'node:process';
import { asError } from '../../as-error.ts';

/** The part of open(2) that Node has no name for; the same on all Linux that Node runs on. */
const O_TMPFILE = 0o20000000 | constants.O_DIRECTORY;
/** One of them may be mounted noexec. */
const PLACES = ['/dev/shm', '/tmp', '/var/tmp'];

/**
 * The SQLite that is a part of the executable; undefined where the program is no executable. A library is loaded from
 * a file: this one never has a name, so that nobody can exchange it and nothing is left behind.
 */
export async function embeddedDriver(): Promise<object | undefined> {
  const { getRawAsset, isSea } = await import('node:sea');
  if (!isSea()) return undefined;
  const content = Buffer.from(rawAsset(getRawAsset));
  let failure = new Error('there is no place for it');
  for (const place of PLACES) {
    try {
      return loadFrom(place, content);
    } catch (error) {
      failure = asError(error);
    }
  }
  throw failure;
}

function rawAsset(getRawAsset: (key: string) => string | ArrayBuffer): ArrayBuffer {
  try {
    return getRawAsset('better_sqlite3.node') as ArrayBuffer;
  } catch {
    throw new Error('this executable was made without it');
  }
}

function loadFrom(place: string, content: Buffer): object {
  const descriptor = openSync(place, O_TMPFILE | constants.O_RDWR, 0o500);
  try {
    writeFileSync(descriptor, content);
    const module = { exports: {} };
    // A library whose path has no name of a file in it: `require` would take it for a script.
    dlopen(module, `/proc/self/fd/${descriptor}`);
    return module.exports;
  } finally {
    closeSync(descriptor);
  }
}
