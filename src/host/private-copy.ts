import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

/** A file of its own, in a directory of its own, that nobody else can look into. */
export type PrivateCopy = {
  readonly path: string;
  /** What it says now: an editor may have put another file in its place. */
  readonly read: () => string;
  /** It stays afterwards, for its owner alone. */
  readonly keep: () => void;
};

/** It is gone afterwards, unless it is kept, with all that an editor has left beside it. `parent` has to be there. */
export async function withPrivateCopy<Value>(
  parent: string,
  { name, text }: { readonly name: string; readonly text: string },
  use: (copy: PrivateCopy) => Promise<Value>,
): Promise<Value> {
  const directory = mkdtempSync(`${parent}/vllmd-`);
  let isKept = false;
  try {
    const path = `${directory}/${name}`;
    writeFileSync(path, text, { mode: 0o600, flag: 'wx' });
    const keep = () => {
      chmodSync(path, 0o600);
      isKept = true;
    };
    return await use({ path, read: () => readFileSync(path, 'utf8'), keep });
  } finally {
    if (!isKept) rmSync(directory, { recursive: true });
  }
}
