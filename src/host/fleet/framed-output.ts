/** Of one stream, of the beginning and of the end each: what lies between is left out. */
const HALF_BYTES = 32_768;

/** What a shell says between two marks of ours, as it comes in. */
export type FramedOutput = {
  readonly add: (chunk: Uint8Array) => void;
  readonly hasBegun: () => boolean;
  /** Behind the mark at the end; undefined: it has not come yet. */
  readonly endWord: () => string | undefined;
  /** Between the marks, as far as it is kept. */
  readonly text: () => string;
  /** Before the first mark: what others have said, such as ssh or a profile. */
  readonly preface: () => string;
};

/** A mark is `MARK[` at the beginning and `MARK]WORD;` at the end: each is written at once, so nothing comes between. */
export function framedOutput(mark: string): FramedOutput {
  const beginMark = Buffer.from(`${mark}[`);
  const endMark = Buffer.from(`${mark}]`);
  const before = keptBytes();
  const within = keptBytes();
  let pending: Buffer = Buffer.alloc(0);
  let hasBegun = false;
  let word: string | undefined;

  /** Hands on what cannot be part of a mark any more. */
  const pass = (to: KeptBytes, heldBytes: number) => {
    const length = Math.max(0, pending.length - heldBytes);
    to.add(pending.subarray(0, length));
    pending = pending.subarray(length);
  };
  const begin = () => {
    const at = pending.indexOf(beginMark);
    if (at === -1) return pass(before, beginMark.length);
    before.add(pending.subarray(0, at));
    pending = pending.subarray(at + beginMark.length);
    hasBegun = true;
  };
  const end = () => {
    const at = pending.indexOf(endMark);
    if (at === -1) return pass(within, endMark.length);
    const stop = pending.indexOf(';', at);
    if (stop === -1) return;
    within.add(pending.subarray(0, at));
    word = pending.toString('utf8', at + endMark.length, stop);
    pending = Buffer.alloc(0);
  };
  return {
    add: (chunk) => {
      if (word !== undefined) return;
      pending = Buffer.concat([pending, chunk]);
      if (!hasBegun) begin();
      if (hasBegun) end();
    },
    hasBegun: () => hasBegun,
    endWord: () => word,
    text: () => (hasBegun ? within.text(pending) : ''),
    preface: () => before.text(hasBegun ? Buffer.alloc(0) : pending),
  };
}

type KeptBytes = {
  readonly add: (bytes: Uint8Array) => void;
  readonly text: (rest: Uint8Array) => string;
};

function keptBytes(): KeptBytes {
  let head: Buffer = Buffer.alloc(0);
  let tail: Buffer = Buffer.alloc(0);
  let leftOutBytes = 0;
  return {
    add: (bytes) => {
      const room = HALF_BYTES - head.length;
      head = Buffer.concat([head, bytes.subarray(0, room)]);
      const all = Buffer.concat([tail, bytes.subarray(room)]);
      const excess = Math.max(0, all.length - HALF_BYTES);
      leftOutBytes += excess;
      tail = all.subarray(excess);
    },
    text: (rest) => {
      if (leftOutBytes === 0) return Buffer.concat([head, tail, rest]).toString();
      return `${head.toString()}\n… ${leftOutBytes} bytes left out …\n${Buffer.concat([tail, rest]).toString()}`;
    },
  };
}
