// surviving-writes.mjs LOG IMAGE: brings IMAGE into the state of a disk whose power was cut. LOG has every write and
// every flush since IMAGE was current, in the format of dm-log-writes, as QEMU's blklogwrites makes it. A disk may lose
// what it has only in its cache; this one loses all of it: no write after the last flush that has ended survives.
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';

const MAGIC = 0x6a736677736872n;
const FLUSH = 1n;
const DISCARD = 4n;
const CHUNK = 2 ** 20;

const [, , logPath = '', imagePath = ''] = process.argv;
const log = openSync(logPath, 'r');

function bytes(at, length) {
  const buffer = Buffer.alloc(length);
  if (readSync(log, buffer, 0, length, at) !== length) throw new Error(`${logPath} ends at ${at}`);
  return buffer;
}

const head = bytes(0, 28);
if (head.readBigUInt64LE(0) !== MAGIC) throw new Error(`${logPath} is no log of writes`);
const sectorSize = head.readUInt32LE(24);
// The head is brought up to date at each flush: entries that it does not count are whole all the same, but for the last.
const flushed = Number(head.readBigUInt64LE(16));
const { size } = fstatSync(log);

const writes = [];
let kept = 0;
let at = sectorSize;
for (let n = 0; at + sectorSize <= size; n += 1) {
  const entry = bytes(at, 32);
  const sector = Number(entry.readBigUInt64LE(0));
  const length = Number(entry.readBigUInt64LE(8)) * sectorSize;
  const flags = entry.readBigUInt64LE(16);
  at += sectorSize;
  if ((flags & FLUSH) !== 0n && n < flushed) kept = writes.length;
  // What a discard leaves behind is up to the disk: this one leaves it as it was.
  if ((flags & DISCARD) !== 0n || length === 0) continue;
  writes.push({ from: at, to: sector * sectorSize, length });
  at += length;
}

const image = openSync(imagePath, 'r+');
for (const { from, to, length } of writes.slice(0, kept)) {
  for (let done = 0; done < length; done += CHUNK) {
    const chunk = bytes(from + done, Math.min(CHUNK, length - done));
    writeSync(image, chunk, 0, chunk.length, to + done);
  }
}
closeSync(image);
const lost = writes.length - kept;
process.stdout.write(
  `# power cut: ${kept} writes were on the disk, ${lost} in its cache are lost\n`,
);
