// Measures the built CLI: wall time (hyperfine where there is one), peak memory, and CPU time beyond the start of the program.
// Ends with 1 where a command takes more of that than it may.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const runs = 30;
const cpuRuns = 11;
const runtimes = 1000;
const instances = 1000;
/** CPU time beyond that of `vllmd --version` that `vllmd llama resolve` may take. */
const resolveBudgetMs = 50;
const root = fileURLToPath(new URL('..', import.meta.url));
const bundle = join(root, 'dist/vllmd.mjs');
const example = join(root, 'fixtures/contract-example/vllmd.toml');

const folder = mkdtempSync(join(tmpdir(), 'vllmd-bench-'));
try {
  const large = join(folder, 'large.toml');
  writeFileSync(large, largeConfig());
  const llama = join(folder, 'llama.toml');
  writeFileSync(llama, llamaConfig());
  const rows = benchmarks(large, llama).map(([name, args, budgetMs]) => ({
    ...measure(name, args),
    budgetMs,
  }));
  console.log(table(rows));
  tellExcess(rows);
} finally {
  rmSync(folder, { recursive: true });
}

function benchmarks(large, llama) {
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
    [
      `vllmd llama resolve, ${instances} instances`,
      [bundle, 'llama', 'resolve', '--config', llama],
      resolveBudgetMs,
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

/** As many llama-servers as `instances` says, as the contract's example has them. */
function llamaConfig() {
  const entries = Array.from({ length: instances }, (_, position) => {
    const name = `model-${position + 1}`;
    return `[instance.${name}.server]
model = "/var/lib/models/${name}.gguf"
port = ${10_000 + position}
alias = "${name}"
ctx_size = 8192
`;
  });
  return `[instance.control]
log_dir = "/var/log/llama"

[instance.server]
host = "127.0.0.1"
n_gpu_layers = 99
metrics = true
flash_attn = "auto"

${entries.join('\n')}`;
}

function hex(number) {
  return number.toString(16).padStart(2, '0');
}

function measure(name, args) {
  const { peakMib, code } = reportOf(args);
  return { name, medianMs: hyperfine(args) ?? loop(args), ownCpuMs: ownCpuMs(args), peakMib, code };
}

/** Each run beside a start that does nothing: on a busy machine both take longer. */
function ownCpuMs(args) {
  const differences = Array.from(
    { length: cpuRuns },
    () => reportOf(args).cpuMs - reportOf([bundle, '--version']).cpuMs,
  );
  return median(differences);
}

function reportOf(args) {
  const { output, status } = spawnSync(process.execPath, ['--import', reporter(), ...args], {
    encoding: 'utf8',
    maxBuffer: Number.POSITIVE_INFINITY,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const { maxRSS, userCPUTime, systemCPUTime } = JSON.parse(output[3]);
  return { peakMib: maxRSS / 1024, cpuMs: (userCPUTime + systemCPUTime) / 1000, code: status };
}

/** A module for `--import` that writes what its process has used to descriptor 3. */
function reporter() {
  const source = `import { writeSync } from 'node:fs';
process.on('exit', () => writeSync(3, JSON.stringify(process.resourceUsage())));`;
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
  return median(times);
}

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return (sorted[Math.ceil(half) - 1] + sorted[Math.floor(half)]) / 2;
}

function tellExcess(rows) {
  for (const row of rows.filter(({ ownCpuMs: ownMs, budgetMs }) => ownMs > budgetMs)) {
    console.error(`${row.name}: ${row.ownCpuMs.toFixed(1)} ms of CPU, it may take ${row.budgetMs}`);
    process.exitCode = 1;
  }
}

function table(rows) {
  const cells = rows.map((row) => [
    row.code === 0 ? row.name : `${row.name} (exit code ${row.code})`,
    row.medianMs.toFixed(1),
    (row.medianMs / rows[0].medianMs).toFixed(2),
    row.ownCpuMs.toFixed(1),
    row.peakMib.toFixed(0),
  ]);
  const lines = [['command', 'median ms', 'ratio', 'own CPU ms', 'peak MiB'], ...cells];
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const pad = (text, column) =>
    column === 0 ? text.padEnd(widths[0]) : text.padStart(widths[column]);
  return lines.map((line) => line.map(pad).join('  ')).join('\n');
}
