import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { enter, isTrustedDirectory, O_PATH, openDirectory, refuseUpwards } from './walk.ts';

export type OpenDirectory = {
  readonly fd: number;
  /** Only root and the caller could put names into it when it was opened. */
  readonly isTrusted: boolean;
};

/**
 * The way to the directory that was opened last, each directory on it still open: most of what is read lies near what
 * was read before. All is closed when the event loop turns: what is read at once is read of the same directories, and
 * nothing later is.
 */
export class OpenDirectories {
  readonly #root: string;
  readonly #uid: number;
  #from = '';
  #names: string[] = [];
  /** That of `#from`, then one for each name. */
  #open: OpenDirectory[] = [];

  constructor(root: string, uid: number) {
    this.#root = root;
    this.#uid = uid;
  }

  /** Walks from `from` as `openDirectory` does. It is not the caller's to close. */
  open(names: readonly string[], from: string): OpenDirectory {
    refuseUpwards(names);
    if (from !== this.#from) this.close();
    if (this.#open.length === 0) this.#begin(from);
    const known = names.findIndex((name, at) => name !== this.#names[at]);
    this.#closeBelow(known === -1 ? names.length : known);
    for (const name of names.slice(this.#names.length)) this.#enter(name);
    return this.#last();
  }

  close(): void {
    this.#closeBelow(0);
    const begin = this.#open.pop();
    if (begin !== undefined) closeSync(begin.fd);
  }

  #begin(from: string): void {
    this.#from = from;
    this.#push(openSync(this.#root + from, O_PATH | constants.O_DIRECTORY));
    setImmediate(() => this.close()).unref();
  }

  #enter(name: string): void {
    const names = [...this.#names, name];
    const { fd } = this.#last();
    this.#push(enter(fd, name) ?? openDirectory(this.#root, names, this.#uid, this.#from));
    this.#names = names;
  }

  #closeBelow(depth: number): void {
    for (const { fd } of this.#open.splice(depth + 1)) closeSync(fd);
    this.#names.splice(depth);
  }

  #push(fd: number): void {
    this.#open.push({ fd, isTrusted: isTrustedDirectory(fstatSync(fd), this.#uid) });
  }

  #last(): OpenDirectory {
    const last = this.#open.at(-1);
    if (last === undefined) throw new RangeError('no directory is open');
    return last;
  }
}
