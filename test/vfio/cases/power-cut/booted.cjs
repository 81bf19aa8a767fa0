'use strict';
// booted.cjs INDEX: whether a running VM was started from exactly the files that are on the disk now.
const fs = require('node:fs');

const note = fs.readFileSync(`/run/vllmd/${process.argv[2]}/booted`);
const complain = (line) => {
  process.stdout.write(`# ${line}\n`);
  process.exitCode = 1;
};
let at = note.indexOf('\n') + 1;
let count = 0;
while (at < note.length) {
  const end = note.indexOf('\n', at);
  const [, bytes, file] = /^== (\d+) (\/.+)$/.exec(note.subarray(at, end).toString());
  const text = note.subarray(end + 1, end + 1 + Number(bytes));
  if (!text.equals(fs.readFileSync(file))) complain(`${file} is not what the VM was started from`);
  at = end + 1 + Number(bytes) + 1;
  count += 1;
}
// The template, the drop-ins of vllmd and of the test, the environment and the VM definition
if (count < 5) complain(`the note has only ${count} files`);
