'use strict';
// Preloaded into vllmd: cuts the machine's power at the moment when a file is to be put in place. The first order in the
// folder is for the next vllmd that starts; it says which file: a pattern of its path, and a line with one of its text.
const { execSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const ORDERS = '/var/lib/vfio-test/work/cuts';

/** Not there any more when the machine starts again, and for no other vllmd. */
function takeOrder() {
  const [first] = fs.existsSync(ORDERS) ? fs.readdirSync(ORDERS).sort() : [];
  if (first === undefined) return undefined;
  const file = path.join(ORDERS, first);
  const [where, text] = fs.readFileSync(file, 'utf8').split('\n');
  fs.unlinkSync(file);
  const directory = fs.openSync(ORDERS, 'r');
  fs.fsyncSync(directory);
  fs.closeSync(directory);
  return { where: new RegExp(where), text: new RegExp(text) };
}

function cutPower(what) {
  // To the disk and not through the page cache, but with no flush after it: a disk that loses its cache loses this.
  const file = '/var/lib/vfio-test/work/canary';
  execSync(`dd if=/dev/zero of=${file} bs=4096 count=1 conv=notrunc oflag=direct status=none`);
  const live = fs.openSync('/dev/ttyS1', fs.constants.O_WRONLY | fs.constants.O_NOCTTY);
  fs.writeSync(live, `\ncut the power: ${what}\n`);
  // machine.sh does it when it reads this line. Until then nothing more happens here.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

const order = takeOrder();
if (order !== undefined) {
  const { renameSync } = fs;
  fs.renameSync = (from, to) => {
    const target = path.join(fs.realpathSync(path.dirname(to)), path.basename(to));
    const isMeant = order.where.test(target) && order.text.test(fs.readFileSync(from, 'utf8'));
    if (isMeant) cutPower(`before ${target} is new`);
    renameSync(from, to);
  };
}
