import type { ProgramStore } from './load-program.ts';
import type { ProgramIndex } from './program.ts';

/** Lie beside each other. Of another version they have other names: while one is put in place a start finds its own or none. */
export const programFile = ({ id }: ProgramIndex): string => `program-${id}.js`;
export const codeFile = ({ id }: ProgramIndex): string => `program-${id}.code`;

/** The file of the engine's code begins with the size of its header, in as many digits and spaces. */
export const CODE_SIZE_BYTES = 16;

/** Comes next, as JSON. */
export type CodeHeader = {
  /** Of the program that it was made of. */
  readonly id: string;
  /** The engine takes only what it has made itself, and what it says about itself is no more than a hint. */
  readonly node: string;
  /** Of all that follows: a file that is shorter was cut off. */
  readonly byteLength: number;
  /** Offset behind the header and length of each group. */
  readonly groups: { readonly [group: number]: readonly [number, number] };
};

/** How this node is told from others, also from those of the same version on another processor. */
export function nodeName({ version, arch, versions }: NodeJS.Process): string {
  return `${version} ${arch} ${versions.v8}`;
}

/**
 * The files of a program, which lie in `folder`, with a slash at its end; `url` is that of one of them. Undefined where
 * the program is not there.
 */
export function programFiles(
  index: ProgramIndex,
  folder: string,
  url: string,
): ProgramStore | undefined {
  const { existsSync, openSync } = process.getBuiltinModule('node:fs');
  const file = folder + programFile(index);
  if (!existsSync(file)) return undefined;
  const descriptor = openSync(file, 'r');
  let code: OpenCode | undefined;
  return {
    file,
    url,
    text: (group) => {
      const { offset, byteLength, isAscii } = groupOf(index, group);
      const bytes = readRange(descriptor, offset, byteLength);
      return isAscii ? bytes.toString('latin1') : bytes.toString();
    },
    code: (group) => {
      code ??= openCode(index, folder + codeFile(index));
      const range = code.groups[group];
      if (range === undefined) return undefined;
      const [offset, byteLength] = range;
      return readRange(code.descriptor, code.start + offset, byteLength);
    },
  };
}

type OpenCode = {
  readonly descriptor: number;
  /** Where the header ends. */
  readonly start: number;
  readonly groups: CodeHeader['groups'];
};

const noCode: OpenCode = { descriptor: -1, start: 0, groups: {} };

/** None where it is missing, of another program or another node, or damaged: all runs without, only later. */
function openCode({ id }: ProgramIndex, file: string): OpenCode {
  const { fstatSync, openSync } = process.getBuiltinModule('node:fs');
  try {
    const descriptor = openSync(file, 'r');
    const headerBytes = Number(readRange(descriptor, 0, CODE_SIZE_BYTES).toString('latin1'));
    const text = readRange(descriptor, CODE_SIZE_BYTES, headerBytes).toString('latin1');
    const header: CodeHeader = JSON.parse(text);
    const isOurs = header.id === id && header.node === nodeName(process);
    const isWhole =
      CODE_SIZE_BYTES + headerBytes + header.byteLength === fstatSync(descriptor).size;
    const start = CODE_SIZE_BYTES + headerBytes;
    return isOurs && isWhole ? { descriptor, start, groups: header.groups } : noCode;
  } catch {
    return noCode;
  }
}

function groupOf({ groups }: ProgramIndex, group: number): ProgramIndex['groups'][number] {
  const found = groups[group];
  if (found === undefined) throw new RangeError(`there is no group ${group}`);
  return found;
}

let lent: Buffer | undefined;

/**
 * The bytes are good until the next call: memory that is new costs more than what is read into it. The engine copies
 * what it keeps of them.
 */
function readRange(descriptor: number, offset: number, byteLength: number): Buffer {
  const { readSync } = process.getBuiltinModule('node:fs');
  if (lent === undefined || lent.byteLength < byteLength) lent = Buffer.allocUnsafeSlow(byteLength);
  const bytes = lent.subarray(0, byteLength);
  let done = 0;
  while (done < byteLength) {
    const count = readSync(descriptor, bytes, done, byteLength - done, offset + done);
    if (count === 0) throw new RangeError('the file ends before what is to be read');
    done += count;
  }
  return bytes;
}
