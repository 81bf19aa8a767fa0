'use strict';
// check.cjs look: what vllmd has on this host, as one line of JSON, problems included.
// check.cjs compare OLD NEW NOW: three such files. Prints `old`, `new`, or the runtimes of each as `1=old 2=new`; below it what is wrong.
const crypto = require('node:crypto');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');

const UNITS = '/etc/systemd/system';
const INSTALL = '/var/lib/vllmd/install';
const HOME = '/home/sdake';
const CONFIG_DIR = `${HOME}/.config/vllmd`;
const STATE_DIR = `${HOME}/.local/state/vllmd-hypervisor`;
const OPERATORS = `${UNITS}/vllmd-runtime@.service.d/90-node.conf`;
// What fills a disk.
const BALLASTS = [`${CONFIG_DIR}/ballast`, '/etc/vllmd/ballast'];
const TEMPORARY = /\.vllmd-[0-9a-f]{12}$/;
const sha256 = (bytes) => crypto.createHash('sha256').update(bytes).digest('hex');
const readJson = (file) => JSON.parse(fs.readFileSync(file, 'utf8'));

function walk(file, found = new Map()) {
  const stats = fs.lstatSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return found;
  found.set(file, stats);
  if (stats.isDirectory()) for (const name of fs.readdirSync(file)) walk(`${file}/${name}`, found);
  return found;
}

// Every path that an install puts somewhere, with all that can be put back.
function installed() {
  const isDisk = (file) => /\/runtime-\d+\/[^/]+$/.test(file) && !file.endsWith('/cloud-init');
  const roots = [
    UNITS,
    '/etc/vllmd',
    '/etc/udev/rules.d',
    '/etc/modprobe.d',
    '/etc/modules-load.d',
    '/etc/default/grub.d',
  ];
  const shared = roots
    .flatMap((root) => [...walk(root)])
    .filter(([file]) => file.slice(5).includes('vllmd'));
  const own = [CONFIG_DIR, STATE_DIR].flatMap((root) => [...walk(root)]);
  const isOther = (file) =>
    file === OPERATORS || BALLASTS.includes(file) || isDisk(file) || TEMPORARY.test(file);
  const all = [...shared, ...own].filter(([file]) => !isOther(file));
  return new Map(all.map(([file, stats]) => [file, describe(file, stats)]));
}

function describe(file, stats) {
  if (stats.isSymbolicLink()) return `-> ${fs.readlinkSync(file)}`;
  const metadata = `${stats.uid}:${stats.gid} ${(stats.mode & 0o7777).toString(8)}`;
  return stats.isFile() ? `${metadata} ${sha256(fs.readFileSync(file))}` : `${metadata} directory`;
}

// The directories of drop-ins are there for an operator's as well, those of disks for what a guest wrote.
function runtimeOf(file) {
  return /(?:runtime-|@)(\d+)(?:\.service|\.env|\.vm\.json|\/|$)/.exec(file)?.[1] ?? 'shared';
}

function byGroup(files) {
  const groups = { shared: {} };
  for (const [file, is] of files) {
    const isDiskDirectory = file.startsWith(STATE_DIR) && !file.includes('cloud-init');
    if (isDiskDirectory) continue;
    groups[runtimeOf(file)] ??= {};
    groups[runtimeOf(file)][file] = is;
  }
  return groups;
}

function unitStates(index) {
  const unit = `vllmd-runtime@${index}.service`;
  return execFileSync('/usr/bin/systemctl', ['show', '-P', 'ActiveState', '-P', 'SubState', unit], {
    encoding: 'utf8',
  })
    .trim()
    .replace('\n', '/');
}

function info(index) {
  return new Promise((resolve, reject) => {
    const socketPath = `/run/vllmd/${index}/api.sock`;
    const request = http.get({ socketPath, path: '/api/v1/vm.info' }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve(JSON.parse(Buffer.concat(chunks))));
    });
    request.on('error', reject);
  });
}

// What the instance noted at its start, against what lies there.
function bootedProblems(index) {
  const bytes = fs.readFileSync(`/run/vllmd/${index}/booted`);
  const problems = [];
  let at = bytes.indexOf('\n') + 1;
  while (at < bytes.length) {
    const end = bytes.indexOf('\n', at);
    const [, size, file] = /^== (\d+) (.*)$/.exec(bytes.subarray(at, end).toString());
    const text = bytes.subarray(end + 1, end + 1 + Number(size));
    const now = fs.existsSync(file) ? fs.readFileSync(file) : undefined;
    if (now === undefined || !now.equals(text))
      problems.push(`runtime ${index} was started from another ${file}`);
    at = end + 1 + Number(size) + 1;
  }
  return problems;
}

async function runtimeProblems(index, isInstalled, gpus) {
  const state = unitStates(index);
  if (!isInstalled) {
    const isGone = state === 'inactive/dead' && !fs.existsSync(`/run/vllmd/${index}`);
    return isGone ? [] : [`runtime ${index} is not installed, and ${state}`];
  }
  if (state !== 'active/running') return [`runtime ${index} is ${state}`];
  const problems = bootedProblems(index);
  const vm = await info(index);
  const definition = readJson(`${CONFIG_DIR}/runtime-${index}.vm.json`);
  if (vm.state !== 'Running') problems.push(`the VM of runtime ${index} is ${vm.state}`);
  if (JSON.stringify(vm.config) !== JSON.stringify(definition))
    problems.push(`runtime ${index} runs another definition`);
  for (const { path } of vm.config.devices ?? []) {
    if (gpus.has(path))
      problems.push(`${path} is in runtime ${gpus.get(path)} and in runtime ${index}`);
    gpus.set(path, index);
  }
  return problems;
}

function leftoverProblems() {
  const problems = [];
  if (fs.existsSync(`${INSTALL}/journal.json`)) problems.push('the journal is still there');
  if (fs.existsSync('/run/vllmd/unrecovered')) problems.push('no runtime may start');
  const found = ['/etc', '/var/lib/vllmd', CONFIG_DIR, STATE_DIR].flatMap((root) => [
    ...walk(root).keys(),
  ]);
  return [
    ...problems,
    ...found.filter((file) => TEMPORARY.test(file)).map((file) => `left behind: ${file}`),
  ];
}

// The record names what is there, and nothing else.
function recordProblems(files) {
  const there = new Map([...files].filter(([, is]) => !is.endsWith(' directory')));
  const isInstalled = fs.existsSync(`${INSTALL}/manifest.json`);
  const manifest = isInstalled ? readJson(`${INSTALL}/manifest.json`) : { files: [], links: [] };
  const known = new Map([
    ...manifest.files.map(({ path, sha256: sum, uid, gid, mode }) => [
      path,
      `${uid}:${gid} ${Number.parseInt(mode, 8).toString(8)} ${sum}`,
    ]),
    ...manifest.links.map(({ path, target }) => [path, `-> ${target}`]),
  ]);
  if (isInstalled) readJson(`${INSTALL}/generations/${manifest.generation}.json`);
  return [...new Set([...there.keys(), ...known.keys()])]
    .filter((file) => there.get(file) !== known.get(file))
    .map(
      (file) => `the record says ${known.get(file)} of ${file}, and there is ${there.get(file)}`,
    );
}

async function look() {
  const files = installed();
  const groups = byGroup(files);
  const problems = [...leftoverProblems(), ...recordProblems(files)];
  const gpus = new Map();
  for (const index of ['1', '2']) {
    const isInstalled = Object.keys(groups[index] ?? {}).length > 0;
    problems.push(...(await runtimeProblems(index, isInstalled, gpus)));
  }
  return { groups, problems };
}

function differences(a = {}, b = {}) {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((file) => a[file] !== b[file]);
}

function compare(old, next, now) {
  const problems = [...now.problems];
  const is = (group, state) => differences(state.groups[group], now.groups[group]).length === 0;
  const verdicts = ['1', '2'].map((index) => {
    const names = [is(index, old) ? 'old' : '', is(index, next) ? 'new' : ''].filter(Boolean);
    if (names.length === 0) {
      const from = differences(old.groups[index], now.groups[index]);
      const to = differences(next.groups[index], now.groups[index]);
      problems.push(`runtime ${index} is neither: not old in ${from}; not new in ${to}`);
    }
    return names;
  });
  const all = ['old', 'new'].find((name) => verdicts.every((names) => names.includes(name)));
  const isShared = (name) => is('shared', name === 'old' ? old : next);
  if (all === undefined ? !isShared('new') : !isShared(all)) {
    problems.push(
      `what all share is not ${all ?? 'new'}: ${differences((all === 'old' ? old : next).groups.shared, now.groups.shared)}`,
    );
  }
  const mixed = verdicts.map((names, at) => `${at + 1}=${names[0]}`).join(' ');
  return { verdict: all ?? mixed, problems };
}

async function main([command, ...args]) {
  if (command === 'look') {
    process.stdout.write(`${JSON.stringify(await look())}\n`);
    return;
  }
  const { verdict, problems } = compare(...args.map(readJson));
  process.stdout.write(`${[verdict, ...problems].join('\n')}\n`);
}

void main(process.argv.slice(2));
