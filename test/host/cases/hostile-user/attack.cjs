'use strict';
// The service user turns his own directories and files into links while root works in them, until SIGTERM.
// attack.cjs random|watch|storm: now and then, when something moves in a directory that he can look into, or all the time.
// Prints a line for each time that he did: from when to when, in milliseconds since boot.
const fs = require('node:fs');

const HOME = '/home/sdake';
const CONFIG = `${HOME}/.config/vllmd`;
const STATE = `${HOME}/.local/state/vllmd-hypervisor`;
const VICTIM = '/srv/victim';
const DIRECTORIES = [
  CONFIG,
  STATE,
  `${HOME}/.config`,
  `${HOME}/.local`,
  `${HOME}/.local/state`,
  ...[1, 2].flatMap((n) => [`${STATE}/runtime-${n}`, `${STATE}/runtime-${n}/cloud-init`]),
];
const FILES = [1, 2].flatMap((n) => [
  `${CONFIG}/runtime-${n}.env`,
  `${CONFIG}/runtime-${n}.vm.json`,
  `${STATE}/runtime-${n}/disk.raw`,
  `${STATE}/runtime-${n}/seed.img`,
  `${STATE}/runtime-${n}/cloud-init/user-data`,
  `${STATE}/runtime-${n}/cloud-init/meta-data`,
]);
const WATCHED = [
  CONFIG,
  `${STATE}/runtime-1/cloud-init`,
  `${STATE}/runtime-2/cloud-init`,
  STATE,
  '/run/vllmd',
  '/run/vllmd/1',
  '/run/vllmd/2',
];
// Swaps at a time, the longest in milliseconds, the longest pause after them: with links that are always there every
// install would end in its plan.
const MODES = {
  random: { times: 1, longest: 12, pause: 110 },
  watch: { times: 3, longest: 12, pause: 0 },
  storm: { times: 20, longest: 0.3, pause: 2 },
};
const aside = `${HOME}/aside`;

const mode = process.argv[2];
let isOver = false;
const swaps = [];
let junk = 0;
const any = (list) => list[Math.floor(Math.random() * list.length)];

// What root does at the same moment may be in the way: then this swap has not come about.
function attempt(call) {
  try {
    call();
    return true;
  } catch {
    return false;
  }
}

function decoyFor(path) {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (!DIRECTORIES.includes(path))
    return any(['/etc/shadow.test', `${VICTIM}/${name}`, '/etc/passwd', `${VICTIM}/none`]);
  return any(['/etc', '/var/lib/vllmd', `${VICTIM}/${name}`, `${VICTIM}/${name}`, VICTIM]);
}

function now() {
  return Number(process.hrtime.bigint()) / 1e6;
}

function spin(milliseconds) {
  const end = now() + milliseconds;
  while (now() < end);
}

function swap(path, milliseconds) {
  const link = `${HOME}/link`;
  attempt(() => fs.unlinkSync(link));
  fs.symlinkSync(decoyFor(path), link);
  if (!attempt(() => fs.renameSync(path, aside))) return;
  const from = now();
  const isSwapped = attempt(() => fs.renameSync(link, path));
  spin(milliseconds);
  if (isSwapped) swaps.push(`${from} ${now()}\n`);
  // His own goes back, whatever root has put there meanwhile.
  if (attempt(() => fs.readlinkSync(path))) attempt(() => fs.unlinkSync(path));
  while (!attempt(() => fs.renameSync(aside, path))) {
    junk += 1;
    if (!attempt(() => fs.renameSync(path, `${HOME}/junk-${junk}`))) {
      attempt(() => fs.mkdirSync(path.slice(0, path.lastIndexOf('/')), { recursive: true }));
    }
    if (junk > 10000) throw new Error(`${path} does not go back`);
  }
}

function seen() {
  return WATCHED.map((directory) => {
    let names = '';
    attempt(() => (names = fs.readdirSync(directory).join()));
    return names;
  }).join(';');
}

function turn(last) {
  if (isOver) {
    fs.writeFileSync(1, swaps.join(''));
    return;
  }
  const { times, longest, pause } = MODES[mode];
  const found = seen();
  for (let time = 0; time < times && (mode !== 'watch' || found !== last); time += 1) {
    swap(any(Math.random() < 0.6 ? DIRECTORIES : FILES), Math.random() * longest);
  }
  setTimeout(turn, Math.random() * pause, seen());
}

process.on('SIGTERM', () => {
  isOver = true;
});
turn(seen());
