import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

/** A file of its own, in a directory of its own, that nobody else can look into. */
export type PrivateCopy = {
  readonly path: string;
  /** What it says now: an editor may have put another file in its place. */
  readonly read: () => string;
};

/** It is gone afterwards, with all that an editor has left beside it. `parent` has to be there. */
export async function withPrivateCopy<Value>(
  parent: string,
  { name, text }: { readonly name: string; readonly text: string },
  use: (copy: PrivateCopy) => Promise<Value>,
): Promise<Value> {
  const directory = mkdtempSync(`${parent}/vllmd-`);
  try {
    const path = `${directory}/${name}`;
    writeFileSync(path, text, { mode: 0o600, flag: 'wx' });
    return await use({ path, read: () => readFileSync(path, 'utf8') });
  } finally {
    rmSync(directory, { recursive: true });
  }
}
