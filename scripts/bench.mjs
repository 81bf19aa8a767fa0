// Measures the built program: wall time, memory, instructions, and how all of it grows with the size of a config.
// --instructions only counts these and ends with 1 where they have grown; --record keeps what is counted.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isWithin, millions, record } from './bench/baseline.mjs';
import { hostConfig, llamaConfig } from './bench/configs.mjs';
import { exponent, instructions, usage, wallMs } from './bench/measure.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const vllmd = (...args) => [process.execPath, join(root, 'dist/vllmd.mjs'), ...args];
const example = join(root, 'fixtures/contract-example/vllmd.toml');
const floor = [process.execPath, '-e', '0'];
/** What every look at a host needs at least: systemd is asked for its version. */
const asking = [
  process.execPath,
  '-e',
  "require('child_process').execFile('systemctl', ['--version'], () => {})",
];
const sizes = [10, 100, 1000, 10_000];
const asked = process.argv.slice(2);
const unknown = asked.find((word) => word !== '--instructions' && word !== '--record');
if (unknown !== undefined) throw new Error(`${unknown}: --instructions and --record are known`);

const folder = mkdtempSync(join(tmpdir(), 'vllmd-bench-'));
try {
  const files = configs();
  if (asked.length > 0) countInstructions(files);
  else measureAll(files);
} finally {
  rmSync(folder, { recursive: true });
}

function configs() {
  const write = (name, text) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const hosts = new Map(sizes.map((size) => [size, write(`${size}.toml`, hostConfig(size))]));
  const llama = new Map(
    [1, 1000].map((size) => [size, write(`llama-${size}.toml`, llamaConfig(size))]),
  );
  return { hosts, llama };
}

/** What is looked at in both ways: each is small enough to be counted. */
function commandsOf({ hosts, llama }) {
  return [
    ['vllmd --version', vllmd('--version')],
    ['vllmd validate', vllmd('validate', example)],
    ['vllmd install --dry-run', vllmd('install', '--dry-run', '--config', example)],
    [
      'vllmd install --dry-run, 100 runtimes',
      vllmd('install', '--dry-run', '--config', hosts.get(100)),
    ],
    ['vllmd llama resolve, 1 instance', vllmd('llama', 'resolve', '--config', llama.get(1))],
    [
      'vllmd llama resolve, 1,000 instances',
      vllmd('llama', 'resolve', '--config', llama.get(1000)),
    ],
  ];
}

function countInstructions(files) {
  const empty = instructions(floor);
  if (empty === undefined) throw new Error('valgrind is needed: sudo apt install valgrind');
  const counts = {};
  for (const [name, argv] of commandsOf(files)) {
    counts[name] = instructions(argv) - empty;
    console.log(`${millions(counts[name]).padStart(6)} M  ${name}`);
  }
  if (asked.includes('--record')) record(counts);
  else if (!isWithin(counts)) process.exitCode = 1;
}

function measureAll(files) {
  const plain = ['bash', join(root, 'scripts/bench/plain.sh'), example];
  const rows = [
    ['node -e 0', floor],
    ['node, which asks `systemctl --version` and nothing else', asking],
    ['bash and python3, environment files only', plain],
    ...commandsOf(files),
  ].map(([name, argv]) => rowOf(name, argv));
  console.log(table(rows), '\n');

  const plans = sizes.map((size) => [
    `vllmd install --dry-run, ${size.toLocaleString('en')} runtimes`,
    vllmd('install', '--dry-run', '--config', files.hosts.get(size)),
  ]);
  const grown = plans.map(([name, argv]) => ({ name, wallMs: wallMs(argv), ...usage(argv) }));
  console.log(table([{ ...rows[0] }, ...grown]), '\n');
  // The start is in each of them, and grows with nothing.
  const beyond = (key) => exponent(sizes.map((size, at) => [size, grown[at][key] - rows[0][key]]));
  console.log(
    `growth with the number of runtimes: time ^${beyond('cpuMs').toFixed(2)}, memory ^${beyond('peakMib').toFixed(2)} beyond an empty node\n`,
  );
  console.log(table([{ ...rows[0] }, ...nothingToDo(files.hosts.get(1000))]));
}

/** A tree in which a thousand runtimes are installed already. */
function nothingToDo(config) {
  const tree = join(folder, 'tree');
  mkdirSync(join(tree, 'etc'), { recursive: true });
  mkdirSync(join(tree, 'home/sdake'), { recursive: true });
  writeFileSync(join(tree, 'etc/passwd'), 'sdake:x:1000:1000::/home/sdake:\n');
  writeFileSync(join(tree, 'etc/group'), 'kvm:x:110:\nsdake:x:1000:\n');
  const argv = vllmd('install', '--root', tree, '--config', config);
  const [file, ...args] = argv;
  const { status, stderr } = spawnSync(file, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  if (status !== 0) throw new Error(`the install ended with ${status}: ${stderr}`);
  // What it has to look at, and no more than that.
  const reads = 'find "$0" -printf "%m %U %G %l\\n"; find "$0" -type f -exec cat {} +';
  return [
    rowOf('find and cat, all that was installed', ['sh', '-c', reads, tree]),
    rowOf('vllmd install, nothing to do, 1,000 runtimes', argv),
  ];
}

function rowOf(name, argv) {
  const isNode = argv[0] === process.execPath;
  return {
    name,
    wallMs: wallMs(argv),
    ...(isNode ? { ...usage(argv), instructions: instructions(argv) } : {}),
  };
}

/** In the form of docs/performance.md. */
function table([first, ...others]) {
  const cells = [first, ...others].map((row) => [
    row.name,
    row.wallMs.toFixed(0),
    (row.wallMs / first.wallMs).toFixed(2),
    row.cpuMs?.toFixed(0) ?? '-',
    row.instructions === undefined ? '-' : millions(row.instructions),
    row.peakMib?.toFixed(0) ?? '-',
  ]);
  const head = ['command', 'wall ms', 'ratio', 'CPU ms', 'M instructions', 'peak MiB'];
  const line = (words) => `| ${words.join(' | ')} |`;
  return [line(head), line(['---', ...Array(5).fill('---:')]), ...cells.map(line)].join('\n');
}
