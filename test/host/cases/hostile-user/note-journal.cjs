'use strict';
// Loaded into vllmd with `node -r`: notes in the file NOTES when a journal lies on the disk, one line a change: the
// milliseconds since boot, and its phase or `gone`.
const fs = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');

const original = { ...fs };
let phase = '';
let isThere = false;

function note(what) {
  isThere = what !== 'gone';
  const now = Number(process.hrtime.bigint()) / 1e6;
  original.appendFileSync(process.env.NOTES, `${now} ${what}\n`);
}

fs.writeFileSync = (fd, text, ...rest) => {
  phase = /"phase":"([a-z]+)"/.exec(text)?.[1] ?? phase;
  return original.writeFileSync(fd, text, ...rest);
};
fs.renameSync = (from, to) => {
  original.renameSync(from, to);
  if (to.endsWith('/journal.json')) note(phase);
};
fs.unlinkSync = (file) => {
  original.unlinkSync(file);
  if (file.endsWith('/journal.json')) note('gone');
};
// One that is kept is of no interest while nobody works on it.
process.on('exit', () => {
  if (isThere) note('gone');
});

syncBuiltinESMExports();
