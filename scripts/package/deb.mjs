// A Debian package from files and maintainer scripts.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readText } from './release.mjs';
import { writeTree } from './tree.mjs';

const SCRIPTS = ['preinst', 'postinst', 'prerm', 'postrm'];

/** @param {{ control: Record<string, string>, files: Map<string, object>, scripts: string, time: Date, out: string }} input */
export function buildDeb({ control, files, scripts, time, out }) {
  const stage = mkdtempSync(join(tmpdir(), 'vllmd-deb-'));
  try {
    const tree = join(stage, 'tree');
    const fields = { ...control, 'Installed-Size': String(installedKiB(files)) };
    writeTree(tree, [...files, ...controlFiles(files, fields, scripts)], time);
    execFileSync(
      'dpkg-deb',
      // One thread: what a compressor makes can depend on their number.
      [
        '--root-owner-group',
        '--uniform-compression',
        '--threads-max=1',
        '-Zxz',
        '-z6',
        '--build',
        tree,
        out,
      ],
      {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: {
          PATH: process.env.PATH,
          LC_ALL: 'C',
          SOURCE_DATE_EPOCH: String(time.getTime() / 1000),
        },
      },
    );
  } finally {
    rmSync(stage, { recursive: true });
  }
}

/** `scripts` is a folder below packaging/; what is in it goes along, as executable where it is one. */
function controlFiles(files, fields, scripts) {
  const result = [
    ['DEBIAN/control', { content: paragraph(fields) }],
    ['DEBIAN/md5sums', { content: sums(files) }],
  ];
  for (const name of [...SCRIPTS, 'triggers']) {
    if (!existsSync(join(import.meta.dirname, '../../packaging', scripts, name))) continue;
    const content = readText(`packaging/${scripts}/${name}`);
    result.push([`DEBIAN/${name}`, { content, mode: name === 'triggers' ? 0o644 : 0o755 }]);
  }
  return result;
}

function paragraph(fields) {
  return Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('');
}

/** Only a check of what has been unpacked, for `dpkg --verify`. */
function sums(files) {
  return [...files]
    .filter(([, { content }]) => content !== undefined)
    .map(([path, { content }]) => `${createHash('md5').update(content).digest('hex')}  ${path}\n`)
    .sort()
    .join('');
}

/** As dpkg-gencontrol counts: whole KiB of files, and one for each other thing. */
function installedKiB(files) {
  const directories = new Set();
  let total = 0;
  for (const [path, { content }] of files) {
    for (let at = dirname(path); at !== '.'; at = dirname(at)) directories.add(at);
    total += content === undefined ? 1 : Math.ceil(Buffer.byteLength(content) / 1024);
  }
  return total + directories.size;
}
