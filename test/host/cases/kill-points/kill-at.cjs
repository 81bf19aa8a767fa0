'use strict';
// Loaded into vllmd with `node -r`: numbers the steps that change something, and ends the process with SIGKILL at one.
// A step is a call that changes a file, or a systemctl that changes a unit. What lies below /run is thrown away and counts
// as nothing.
//   KILL_LOG=FILE         gets a line for each step
//   KILL_AT=K             the step
//   KILL_HOW=before|begun|within  before it; when systemctl has begun; or when half of the bytes are written, the call has
//                                 just been made, systemctl has run for a while
const childProcess = require('node:child_process');
const fs = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');
const path = require('node:path');

const { KILL_LOG: log, KILL_AT: at = '0', KILL_HOW: how = 'before' } = process.env;
const WITHIN_MS = 150;
const LOOKS = ['--version', 'show', 'is-active', 'list-units', 'status', 'cat'];
const original = { ...fs };
const paths = new Map();
let steps = 0;

function die() {
  process.kill(process.pid, 'SIGKILL');
  // The signal is there when the call returns; this is for the case that it is not.
  for (;;);
}

// Numbers a step, and says whether it is the last one.
function isHere(what) {
  steps += 1;
  if (log !== undefined) original.appendFileSync(log, `${steps} ${what}\n`);
  return String(steps) === at;
}

function plain(file) {
  const cut = file.lastIndexOf('/');
  const directory = original.realpathSync(file.slice(0, cut) || '/');
  return `${directory}/${file.slice(cut + 1)}`;
}

// Runs `call`, and dies before, within or after it where this is the step.
function step(what, call, half) {
  if (!isHere(what)) return call();
  if (how === 'before') die();
  (half ?? call)();
  return die();
}

function isThrownAway(file) {
  return file.startsWith('/run/');
}

function onPath(name, position = 0) {
  fs[name] = (...args) => {
    const file = plain(args[position]);
    const call = () => original[name](...args);
    return isThrownAway(file) ? call() : step(`${name} ${file}`, call);
  };
}

function onDescriptor(name) {
  fs[name] = (fd, ...args) => {
    const file = paths.get(fd);
    const call = () => original[name](fd, ...args);
    return file === undefined || isThrownAway(file) ? call() : step(`${name} ${file}`, call);
  };
}

for (const name of ['unlinkSync', 'mkdirSync', 'rmdirSync']) onPath(name);
for (const name of ['renameSync', 'symlinkSync']) onPath(name, 1);
for (const name of ['fchownSync', 'fchmodSync', 'fsyncSync', 'ftruncateSync']) onDescriptor(name);

fs.openSync = (file, flags, ...rest) => {
  const open = () => {
    const fd = original.openSync(file, flags, ...rest);
    // Without O_CREAT too: a directory that is synced, a file whose mode is set.
    paths.set(fd, name);
    return fd;
  };
  const name = file.includes('/proc/self/fd/') ? plain(file) : path.resolve(String(file));
  const makes = typeof flags === 'number' && (flags & fs.constants.O_CREAT) !== 0;
  return makes && !isThrownAway(name) ? step(`openSync ${name}`, open) : open();
};

fs.writeFileSync = (fd, text, ...rest) => {
  const file = paths.get(fd);
  const call = () => original.writeFileSync(fd, text, ...rest);
  if (file === undefined || isThrownAway(file)) return call();
  const half = () => original.writeSync(fd, text.slice(0, text.length / 2));
  return step(`writeFileSync ${file}`, call, half);
};

function pause(milliseconds) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

// It is systemctl itself, not the shell that the case has in its place, or has ended already. Nothing else runs here
// meanwhile, so that its end is not seen: however fast the machine is, this is the last step.
function waitUntilItRuns(pid) {
  for (;;) {
    const stat = original.readFileSync(`/proc/${pid}/stat`, 'utf8');
    if (stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z')) return;
    if (programOf(pid) === 'systemctl') return;
    pause(1);
  }
}

// What has ended since it was looked at has none. To throw here would be a systemctl that could not be started.
function programOf(pid) {
  try {
    return path.basename(original.readlinkSync(`/proc/${pid}/exe`));
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return undefined;
    throw error;
  }
}

childProcess.spawn = ((spawn) => (file, args, options) => {
  const call = () => spawn(file, args, options);
  if (file !== 'systemctl' || LOOKS.includes(args[0])) return call();
  if (!isHere(`systemctl ${args.join(' ')}`)) return call();
  if (how === 'before') die();
  waitUntilItRuns(call().pid);
  if (how === 'within') pause(WITHIN_MS);
  return die();
})(childProcess.spawn);

syncBuiltinESMExports();
