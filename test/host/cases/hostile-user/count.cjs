'use strict';
// count.cjs NOTES SWAPS: prints how many runs came as far as the writing of files, and how many swaps there were while a
// journal lay on the disk.
const fs = require('node:fs');

const [notes, swaps] = process.argv.slice(2).map((file) =>
  fs
    .readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(' ')),
);

const installs = [];
let current;
for (const [time, what] of notes) {
  current ??= { from: Number(time), phases: new Set() };
  if (what !== 'gone') {
    current.phases.add(what);
    continue;
  }
  installs.push({ ...current, to: Number(time) });
  current = undefined;
}
const isMeanwhile = ([from, to]) =>
  installs.some((one) => Number(from) <= one.to && Number(to) >= one.from);

const writing = installs.filter(({ phases }) => phases.has('writing'));
process.stdout.write(`${writing.length} ${swaps.filter(isMeanwhile).length}\n`);
