// What a command line takes, in an environment that holds nothing: variables of the caller can make Node itself slower.
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';

const env = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root' };
const quiet = ['ignore', 'ignore', 'ignore'];

/** What takes longer than that differs little from run to run. */
const LONG_MS = 3000;

/** The median of its wall time, in milliseconds, in 10 seconds at most where one run is short. */
export function wallMs(argv) {
  const first = timeOf(argv);
  if (first > LONG_MS) return median([first, timeOf(argv), timeOf(argv)]);
  const times = [];
  const until = performance.now() + 10_000;
  while (times.length < 5 || (times.length < 40 && performance.now() < until)) {
    times.push(timeOf(argv));
  }
  return median(times);
}

function timeOf(argv) {
  const start = performance.now();
  run(argv);
  return performance.now() - start;
}

/** { peakMib, cpuMs }: the memory that it has had at most, and its time of processors, of a node program. */
export function usage(argv) {
  const first = usageOf(argv);
  if (first.cpuMs > LONG_MS) return first;
  const runs = [first, usageOf(argv), usageOf(argv)];
  return {
    peakMib: median(runs.map((one) => one.peakMib)),
    cpuMs: median(runs.map((one) => one.cpuMs)),
  };
}

function usageOf([node, ...rest]) {
  const ended = spawnSync(node, ['--import', reporter, ...rest], {
    env,
    encoding: 'utf8',
    stdio: [...quiet, 'pipe'],
  });
  const { output } = expectDone(ended, [node, ...rest]);
  const { maxRSS, userCPUTime, systemCPUTime } = JSON.parse(output[3]);
  return { peakMib: maxRSS / 1024, cpuMs: (userCPUTime + systemCPUTime) / 1000 };
}

/** A module that writes what its process has used to descriptor 3. */
const reporter = `data:text/javascript,${encodeURIComponent(
  "import { writeSync } from 'node:fs'; process.on('exit', () => writeSync(3, JSON.stringify(process.resourceUsage())));",
)}`;

/** Instructions of the program itself, without those of the kernel and of what it starts. Undefined without valgrind. */
export function instructions(argv) {
  const options = ['--tool=callgrind', '--callgrind-out-file=/dev/null'];
  const ended = spawnSync('valgrind', [...options, ...argv], {
    env,
    cwd: tmpdir(),
    encoding: 'utf8',
    maxBuffer: Number.POSITIVE_INFINITY,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (ended.error?.code === 'ENOENT') return undefined;
  const { stderr } = expectDone(ended, argv);
  const [, digits] = /refs:\s+([\d,]+)/.exec(stderr) ?? [];
  if (digits === undefined) throw new Error(`valgrind counted nothing:\n${stderr.slice(-1000)}`);
  return Number(digits.replaceAll(',', ''));
}

function run(argv) {
  const [file, ...args] = argv;
  expectDone(spawnSync(file, args, { env, stdio: quiet }), argv);
}

/** What ends early is fast, and says nothing. */
function expectDone(ended, argv) {
  const { error, status, signal } = ended;
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${argv.join(' ')} ended with ${status ?? signal}`);
  return ended;
}

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return (sorted[Math.ceil(half) - 1] + sorted[Math.floor(half)]) / 2;
}

/** How fast y grows with x: 1 is in proportion, 2 with the square. The slope of the logarithms, by least squares. */
export function exponent(points) {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)]);
  const mean = (at) => logs.reduce((sum, point) => sum + point[at], 0) / logs.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const over = logs.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const under = logs.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return over / under;
}
