// node cpio.mjs DIR > FILE: packs DIR as an archive in cpio's "newc" format, which is that of an initramfs.
// Here because the cpio program is not on a stock host. Everything belongs to root and has no time.
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

const NOTHING = Buffer.alloc(0);

/** The header with the name, and the data, are each padded to a multiple of four bytes. */
function padded(bytes) {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}

function entry(inode, { name, mode, data }) {
  const nameLength = Buffer.byteLength(name) + 1;
  // inode, mode, uid, gid, links, time, size, four device numbers, length of the name, checksum
  const fields = [inode, mode, 0, 0, 1, 0, data.length, 0, 0, 0, 0, nameLength, 0];
  const header = fields.map((field) => field.toString(16).padStart(8, '0')).join('');
  return Buffer.concat([padded(Buffer.from(`070701${header}${name}\0`)), padded(data)]);
}

function contentOf(path, stat) {
  if (stat.isDirectory()) return NOTHING;
  return stat.isSymbolicLink() ? Buffer.from(readlinkSync(path)) : readFileSync(path);
}

function listTree(dir, prefix = '') {
  return readdirSync(dir)
    .sort()
    .flatMap((file) => {
      const path = join(dir, file);
      const name = `${prefix}${file}`;
      const stat = lstatSync(path);
      const below = stat.isDirectory() ? listTree(path, `${name}/`) : [];
      return [{ name, mode: stat.mode, data: contentOf(path, stat) }, ...below];
    });
}

const files = [...listTree(process.argv[2]), { name: 'TRAILER!!!', mode: 0, data: NOTHING }];
process.stdout.write(Buffer.concat(files.map((file, position) => entry(position + 1, file))));
