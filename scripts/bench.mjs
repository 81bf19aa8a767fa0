// Measures the built CLI: wall time (hyperfine where there is one) and peak memory of each command.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const runs = 30;
const runtimes = 1000;
const root = fileURLToPath(new URL('..', import.meta.url));
const bundle = join(root, 'dist/vllmd.mjs');
const example = join(root, 'fixtures/contract-example/vllmd.toml');

const folder = mkdtempSync(join(tmpdir(), 'vllmd-bench-'));
try {
  const large = join(folder, 'large.toml');
  writeFileSync(large, largeConfig());
  const rows = benchmarks(large).map(([name, args]) => measure(name, args));
  console.log(table(rows));
} finally {
  rmSync(folder, { recursive: true });
}

function benchmarks(large) {
  return [
    ['node -e 0', ['-e', '0']],
    ['vllmd --version', [bundle, '--version']],
    ['vllmd validate', [bundle, 'validate', example]],
    ['vllmd install --dry-run', [bundle, 'install', '--dry-run', '--config', example]],
    [`vllmd validate, ${runtimes} runtimes`, [bundle, 'validate', large]],
    [
      `vllmd install --dry-run, ${runtimes} runtimes`,
      [bundle, 'install', '--dry-run', '--config', large],
    ],
  ];
}

/** As many runtimes as `runtimes` says, each with a GPU of its own; the account is that of the example. */
function largeConfig() {
  const [, user] = /^user *= *"([^"]*)"/m.exec(readFileSync(example, 'utf8')) ?? [];
  const entries = Array.from({ length: runtimes }, (_, position) => {
    const bus = hex(1 + Math.floor(position / 32));
    const index = position + 1;
    return `[[runtimes]]
index = ${index}
name = "runtime-${index}"
gpus = ["0000:${bus}:${hex(position % 32)}.0"]
memory_gb = 1
cpus = 1
`;
  });
  return `[global]\nuser = "${user}"\n\n${entries.join('\n')}`;
}

function hex(number) {
  return number.toString(16).padStart(2, '0');
}

function measure(name, args) {
  const once = spawnSync(process.execPath, ['--import', reportPeak(), ...args], {
    encoding: 'utf8',
    maxBuffer: Number.POSITIVE_INFINITY,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const peakMib = Number(once.output[3]) / 1024;
  return { name, medianMs: hyperfine(args) ?? loop(args), peakMib, code: once.status };
}

/** A module for `--import` that writes the peak memory of its process, in KiB, to descriptor 3. */
function reportPeak() {
  const source = `import { writeSync } from 'node:fs';
process.on('exit', () => writeSync(3, String(process.resourceUsage().maxRSS)));`;
  return `data:text/javascript,${encodeURIComponent(source)}`;
}

function hyperfine(args) {
  const report = join(folder, 'hyperfine.json');
  const command = [process.execPath, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`);
  const options = [
    '--shell=none',
    '--ignore-failure',
    '--warmup=2',
    `--runs=${runs}`,
    '--style=none',
  ];
  const { error } = spawnSync(
    'hyperfine',
    [...options, '--export-json', report, command.join(' ')],
    {
      stdio: 'ignore',
    },
  );
  if (error !== undefined) return undefined;
  return JSON.parse(readFileSync(report, 'utf8')).results[0].median * 1000;
}

function loop(args) {
  const times = Array.from({ length: runs }, () => {
    const start = performance.now();
    spawnSync(process.execPath, args, { stdio: 'ignore' });
    return performance.now() - start;
  });
  times.sort((a, b) => a - b);
  return (times[runs / 2 - 1] + times[runs / 2]) / 2;
}

function table(rows) {
  const cells = rows.map(({ name, medianMs, peakMib, code }) => [
    code === 0 ? name : `${name} (exit code ${code})`,
    medianMs.toFixed(1),
    (medianMs / rows[0].medianMs).toFixed(2),
    peakMib.toFixed(0),
  ]);
  const lines = [['command', 'median ms', 'ratio', 'peak MiB'], ...cells];
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const pad = (text, column) =>
    column === 0 ? text.padEnd(widths[0]) : text.padStart(widths[column]);
  return lines.map((line) => line.map(pad).join('  ')).join('\n');
}
