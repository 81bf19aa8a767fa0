import { existsSync, readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import type { World } from '../../src/host/world.ts';
import { FIXTURES, fixtureHost, fixtureNames } from '../support/fixtures.ts';
import { describedHost, testWorld } from '../support/world.ts';

const PLACE = '/etc/vllmd/config.toml';
const metadata = { mode: 0o600, uid: 0, gid: 0 };

type Machine = Awaited<ReturnType<typeof fixtureHost>>;

async function vllmd(host: Machine, argv: readonly string[], more: Partial<World> = {}) {
  const world = testWorld(host, { readConfigFile: (path) => configOn(host, path), ...more });
  const code = await run(argv, world);
  return { code, out: world.out(), err: world.err() };
}

/** Of the machine, or a file of the fixtures. */
function configOn(host: Machine, path: string): ReturnType<World['readConfigFile']> {
  const entry = host.entries.get(path);
  if (entry?.type === 'file') return { kind: 'bytes', bytes: Buffer.from(entry.text) };
  if (!existsSync(path)) return { kind: 'absent' };
  return { kind: 'bytes', bytes: readFileSync(path) };
}

async function textOf(host: Machine, path: string): Promise<string | undefined> {
  const entry = await host.read(path);
  return entry.type === 'file' ? entry.text : undefined;
}

const hosts = fixtureNames().filter((name) => name.startsWith('host-'));

test.for(hosts)('on %s what is printed leads from init to a config to a plan', async (name) => {
  const host = await fixtureHost(name);
  const first = await vllmd(host, ['init', '--yes']);
  if (first.code === 6) {
    expect(first.err).toContain('--without-gpus');
    await vllmd(host, ['init', '--yes', '--without-gpus']);
  }
  const [, next = ''] = (
    await vllmd(host, ['init', '--yes', '--force', '--without-gpus'])
  ).out.split('next:\n');
  const commands = next.trim().split(/\s*\n\s*/);
  expect(commands).toEqual([
    `vllmd validate ${PLACE}`,
    `vllmd precheck --config ${PLACE}`,
    `vllmd install --dry-run --config ${PLACE}`,
  ]);
  for (const line of commands) {
    const [, ...argv] = line.split(' ');
    const { code, err } = await vllmd(host, argv);
    // The host may lack something; the config does not.
    expect(argv.includes('precheck') ? [0, 6] : [0], err).toContain(code);
    expect(err).not.toMatch(
      /\[(?:memory|cpus|gpu-(?!reset|identity)|group|boot-vga|subnet|uplink)/,
    );
  }
});

test('the config goes where the other commands look, and the directories on the way are made', async () => {
  const root = describedHost();
  expect(await vllmd(root, ['init', '--yes'])).toMatchObject({ code: 0, err: '' });
  expect(await root.read(PLACE)).toMatchObject({ type: 'file', mode: 0o644, uid: 0 });
  const own = describedHost();
  const person = { uid: 1000, env: { HOME: '/home/sdake' } };
  expect((await vllmd(own, ['init', '--yes'], person)).code).toBe(0);
  expect(await textOf(own, '/home/sdake/.config/vllmd/config.toml')).toContain('user = "sdake"');
  expect((await vllmd(own, ['validate'], person)).code).toBe(0);
});

test('a file that is there stays, unless it is to be replaced: then its copy stays', async () => {
  const host = describedHost({ files: { [PLACE]: 'mine' } });
  const refused = await vllmd(host, ['init', '--yes']);
  expect(refused).toMatchObject({ code: 5, out: '' });
  expect(refused.err).toContain(`${PLACE} is there already, and nothing was written`);
  expect(await textOf(host, PLACE)).toBe('mine');
  const forced = await vllmd(host, ['init', '--yes', '--force']);
  expect(forced.code).toBe(0);
  expect(forced.out).toContain(`the former one is ${PLACE}.bak now`);
  expect(await textOf(host, `${PLACE}.bak`)).toBe('mine');
  expect(await textOf(host, PLACE)).toContain('schema_version = 2');
});

test('it follows no link and makes no directory that was not asked for', async () => {
  const host = describedHost();
  await host.link('/etc/link.toml', '/etc/passwd');
  const refusals = [
    ['/etc/link.toml', 5],
    ['/none/config.toml', 64],
    ['/etc', 64],
  ] as const;
  for (const [file, code] of refusals) {
    const answer = await vllmd(host, ['init', '--yes', '--force', '--output', file]);
    expect({ file, ...answer }).toMatchObject({ file, code, out: '' });
  }
  const { err } = await vllmd(host, ['init', '--yes', '--output', '/none/config.toml']);
  expect(err).toContain('mkdir -p /none');
});

test('--output - prints the file alone on stdout, and asks and writes nothing', async () => {
  const host = describedHost();
  const { code, out, err } = await vllmd(host, ['init', '--output', '-']);
  expect(code).toBe(0);
  expect(out.startsWith('#:schema ./schema.json\n')).toBe(true);
  expect(err).toMatch(/^found: /);
  expect(await textOf(host, PLACE)).toBeUndefined();
});

test('JSON says what was found, proposed and written, and what comes next', async () => {
  const host = await fixtureHost('host-sriov-vf');
  const { code, out } = await vllmd(host, ['init', '--yes', '--json', '--user', 'nobody2']);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    format_version: '1.0',
    ok: true,
    written: true,
    file: PLACE,
    user: { name: 'nobody2', exists: false },
    default_interface: 'eth0',
    runtimes: [
      { index: 1, gpus: [{ address: '0000:4d:00.1', iommu_group: '61', numa_node: 0 }] },
      { index: 2, memory_gb: 243, cpus: 30 },
    ],
    left_out: [{ gpus: [{ address: '0000:4d:00.0' }] }],
    next: expect.arrayContaining(['sudo useradd --system --create-home nobody2']),
    config: await textOf(host, PLACE),
  });
});

test('a name of a file that a shell would take apart is quoted in the next commands', async () => {
  const { out } = await vllmd(describedHost(), ['init', '--yes', '--output', "/etc/a b'c.toml"]);
  expect(out).toContain("vllmd validate '/etc/a b'\\''c.toml'");
});

const misuse: readonly (readonly [readonly string[], string])[] = [
  [['init'], 'there is no terminal here'],
  [['init', '--json'], '--json asks no questions'],
  [['init', '--yes', '--user', 'root'], '--user root is no account that VMs can run as'],
  [['init', '--yes', '--user', 'a"b'], '--user a"b is no account'],
  [['init', '--yes', '--user', 'a b'], 'up to 32 letters, digits, `_`, `.` and `-`'],
  [['init', '--yes', '--user', 'root'], 'must not run as root'],
  [['init', '--yes', '--facts', '/facts.json'], 'no usual place here'],
];

test.for(misuse)('%j is wrong usage: %s', async ([argv, why]) => {
  const host = describedHost();
  const { code, err } = await vllmd(host, argv);
  expect({ code, err }).toEqual({ code: 64, err: expect.stringContaining(why) });
  expect(await textOf(host, PLACE)).toBeUndefined();
});

test('without a home there is no usual place', async () => {
  const { code, err } = await vllmd(describedHost(), ['init', '--yes'], { uid: 1000 });
  expect({ code, err }).toEqual({ code: 64, err: expect.stringContaining('--output FILE') });
});

test('a host without a GPU gets nothing, and a runtime without one only when that is said', async () => {
  const host = describedHost({ pci: [], cpus: 8, memoryGib: 64 });
  const { code, err } = await vllmd(host, ['init', '--yes']);
  expect(code).toBe(6);
  expect(err).toContain('this host has no GPU to propose a runtime for');
  expect(await textOf(host, PLACE)).toBeUndefined();
  expect((await vllmd(host, ['init', '--yes', '--without-gpus'])).code).toBe(0);
  expect(await textOf(host, PLACE)).toContain('memory_gb = 60\ncpus = 7');
});

test('what is in the way of each GPU is a line of the help, and is indented on a terminal only', async () => {
  const gpu = { address: '0000:01:00.0', id: '10de:3182', class: '030200', group: 7 };
  const host = describedHost({ pci: [gpu] });
  const plain = await vllmd(host, ['init', '--yes']);
  expect(plain.err).toMatch(/^ {2}help: .*\n {8}--without-gpus writes a file all the same/m);
  const { out } = await vllmd(host, ['init', '--yes', '--json']);
  const [{ help }] = JSON.parse(out).diagnostics;
  expect(help).toContain('\n--without-gpus writes a file all the same');
});

test('a recorded host leads to the config of the host itself', async () => {
  for (const name of ['host-eight-h100', 'host-sriov-vf', 'host-no-iommu']) {
    const live = await fixtureHost(name);
    const cwd = FIXTURES + name;
    const { out: facts } = await vllmd(live, ['facts', '--config', 'vllmd.toml'], { cwd });
    const elsewhere = describedHost({ pci: [], files: { '/facts.json': facts } });
    const recorded = await vllmd(elsewhere, ['init', '--output', '-', '--facts', '/facts.json']);
    const itself = await vllmd(live, ['init', '--output', '-']);
    // The gateway is somebody's address.
    expect(recorded.out).toBe(itself.out.replace(/leads there, to [\d.]+\./, 'leads there.'));
    expect(recorded.err).not.toContain('not in the recording');
    const drawn = await vllmd(elsewhere, ['topology', '--facts', '/facts.json']);
    const itselfDrawn = await vllmd(live, ['topology']);
    expect(drawn.out).toBe(itselfDrawn.out);
  }
});

const ENTER = '\r';
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const [DOWN, RIGHT] = ['\u001b[B', '\u001b[C'];

/** undefined: nothing comes any more. */
type Answer = readonly [question: RegExp, keys: readonly (string | undefined)[]];

/** Somebody at a terminal, who answers each question when it is asked. */
async function typing(
  host: Machine,
  argv: readonly string[],
  answers: readonly Answer[],
  columns = 200,
) {
  const input = new PassThrough();
  const output = Object.assign(new PassThrough(), { columns, rows: 60 });
  let seen = '';
  let all = '';
  output.on('data', (data) => {
    seen += String(data);
    all += String(data);
  });
  const ended = vllmd(host, argv, { terminal: () => ({ input, output }) });
  let isOver = false;
  void ended.finally(() => {
    isOver = true;
  });
  for (const [question, keys] of answers) {
    while (!question.test(seen) && !isOver) await wait(5);
    seen = '';
    for (const key of keys) {
      if (key === undefined) input.end();
      else input.write(key);
      await wait(20);
    }
  }
  return { ...(await ended), seen: all };
}

const questions = {
  gpus: /Which GPUs get a runtime/,
  user: /Which account/,
  uplink: /By which interface/,
  parts: /Take memory and CPUs/,
  memory: /Memory of gpu-1/,
  cpus: /CPUs of gpu-1/,
  place: /Where is it written to/,
  write: /Write this to/,
};
const takeAll: readonly Answer[] = [
  [questions.gpus, [ENTER]],
  [questions.user, [ENTER]],
  [questions.uplink, [ENTER]],
  [questions.parts, [ENTER]],
  [questions.place, [ENTER]],
  [questions.write, [ENTER]],
];

test('who takes every answer that is proposed gets what --yes gives', async () => {
  const host = await fixtureHost('host-two-numa-nodes');
  const { code, err } = await typing(host, ['init'], takeAll);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const silent = await fixtureHost('host-two-numa-nodes');
  await vllmd(silent, ['init', '--yes']);
  expect(await textOf(host, PLACE)).toBe(await textOf(silent, PLACE));
});

test('every answer can be another one', async () => {
  const host = await fixtureHost('host-two-numa-nodes');
  const { code, out } = await typing(
    host,
    ['init'],
    [
      [questions.gpus, [DOWN, ' ', DOWN, ' ', DOWN, ' ', ENTER]],
      [questions.user, ['root', ENTER, '\u007f'.repeat(4), 'vllm', ENTER]],
      [questions.uplink, [DOWN, ENTER]],
      [questions.parts, [RIGHT, ENTER]],
      [questions.memory, ['0', ENTER, '\u007f', '64', ENTER]],
      [questions.cpus, ['12', ENTER]],
      [questions.place, ['/etc/other.toml', ENTER]],
      [questions.write, [ENTER]],
    ],
  );
  expect(code).toBe(0);
  expect(out).toContain('/etc/other.toml: written, 1 runtime of the account vllm');
  expect(out).toContain('sudo useradd --system --create-home vllm\n');
  const text = await textOf(host, '/etc/other.toml');
  expect(text).toContain('gpus = ["0000:16:00.0"]\nmemory_gb = 64\ncpus = 12\n');
  expect(text).toContain('#default_interface');
  expect(text).toContain('# - it was not chosen');
  expect(text).not.toContain('stay with the host');
  expect((await vllmd(host, ['validate', '/etc/other.toml'])).code).toBe(0);
});

const leaving: readonly (readonly [how: string, key: string | undefined])[] = [
  ['Ctrl-C', CTRL_C],
  ['Ctrl-D', CTRL_D],
  ['the end of its input', undefined],
];
test.for(leaving.flatMap(([how, key]) => takeAll.map((_, at) => [how, at, key] as const)))(
  '%s at question %i ends it with 130, and nothing is written',
  async ([, at, key]) => {
    const host = await fixtureHost('host-two-numa-nodes');
    const before = [...host.entries];
    const [question = /$/] = takeAll[at] ?? [];
    const { code, out, err, seen } = await typing(
      host,
      ['init'],
      [...takeAll.slice(0, at), [question, [key]]],
    );
    expect({ code, out }).toEqual({ code: 130, out: '' });
    const hidesLast = seen.lastIndexOf('\u001b[?25l');
    expect(seen.lastIndexOf('\u001b[?25h'), 'the cursor is back').toBeGreaterThanOrEqual(hidesLast);
    expect(err).toContain('nothing was written');
    expect([...host.entries]).toEqual(before);
  },
);

test('who does not want the file in the end gets none', async () => {
  const host = await fixtureHost('host-two-numa-nodes');
  const answers = [...takeAll.slice(0, -1), [questions.write, [RIGHT, ENTER]] as const];
  const { code } = await typing(host, ['init'], answers);
  expect(code).toBe(130);
  expect(await textOf(host, PLACE)).toBeUndefined();
});

test('a place where nothing can be written is asked for again', async () => {
  const host = await fixtureHost('host-two-numa-nodes');
  await host.write('/etc/mine.toml', 'mine', metadata);
  const { code } = await typing(
    host,
    ['init'],
    [
      ...takeAll.slice(0, 4),
      [questions.place, ['/etc/mine.toml', ENTER]],
      [/is there already. Replace it/, [RIGHT, ENTER]],
      [questions.place, ['/etc', ENTER]],
      [/it is a directory[\s\S]*Where is it written to/, [ENTER]],
      [questions.write, [ENTER]],
    ],
  );
  expect(code).toBe(0);
  expect(await textOf(host, '/etc/mine.toml')).toBe('mine');
  expect(await textOf(host, PLACE)).toContain('gpu-4');
});

test('- as the place prints the file and writes none', async () => {
  const host = await fixtureHost('host-two-numa-nodes');
  const before = [...host.entries];
  const { code, out } = await typing(
    host,
    ['init'],
    [...takeAll.slice(0, 4), [questions.place, ['-', ENTER]], [/Print this to stdout/, [ENTER]]],
  );
  expect(code).toBe(0);
  expect(out.startsWith('#:schema ./schema.json\n')).toBe(true);
  expect([...host.entries]).toEqual(before);
});

test('a file that is there gives way to who says so, and its copy stays', async () => {
  const host = await fixtureHost('host-two-numa-nodes');
  await host.write('/etc/mine.toml', 'mine', metadata);
  const { code, out } = await typing(
    host,
    ['init'],
    [
      ...takeAll.slice(0, 4),
      [questions.place, ['/etc/mine.toml', ENTER]],
      [/Replace it/, [ENTER]],
      [questions.write, [ENTER]],
    ],
  );
  expect(code).toBe(0);
  expect(out).toContain('the former one is /etc/mine.toml.bak now');
  expect(await textOf(host, '/etc/mine.toml')).toContain('gpu-4');
});

test('a place that was named is not asked for', async () => {
  const host = await fixtureHost('host-two-numa-nodes');
  const answers = [...takeAll.slice(0, 4), [/Write this to \/etc\/own.toml/, [ENTER]] as const];
  const { code, seen } = await typing(host, ['init', '-o', '/etc/own.toml'], answers);
  expect(code).toBe(0);
  expect(seen).not.toMatch(questions.place);
});

test('what there is to know of the host is said before the first question, and once', async () => {
  const host = await fixtureHost('host-eight-h100');
  const { code, out, seen } = await typing(host, ['init'], takeAll);
  expect(code).toBe(0);
  const places = ['found: ', 'NVSwitches join', 'Which GPUs'].map((text) => seen.indexOf(text));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(places[0]).toBeGreaterThan(-1);
  expect(out).not.toMatch(/found:|NVSwitches/);
});

test('sizes that the host does not have are asked for again', async () => {
  const host = await fixtureHost('host-two-numa-nodes');
  const erased = '\u007f'.repeat(3);
  const rest = (name: string): readonly Answer[] => [
    [new RegExp(`Memory of ${name}`), [ENTER]],
    [new RegExp(`CPUs of ${name}`), [ENTER]],
  ];
  const { code, seen } = await typing(
    host,
    ['init'],
    [
      ...takeAll.slice(0, 3),
      [questions.parts, [RIGHT, ENTER]],
      [questions.memory, ['900', ENTER, erased, '400', ENTER]],
      [questions.cpus, ['100', ENTER, erased, '20', ENTER]],
      ...['gpu-2', 'gpu-3', 'gpu-4'].flatMap(rest),
      [/NUMA node 0 has[\s\S]*Take memory and CPUs/, [RIGHT, ENTER]],
      [questions.memory, ['100', ENTER]],
      [questions.cpus, ['10', ENTER]],
      ...['gpu-2', 'gpu-3', 'gpu-4'].flatMap(rest),
      ...takeAll.slice(4),
    ],
  );
  expect(code).toBe(0);
  expect(seen).toContain('a whole number from 1 to 512, which is all that the host has');
  expect(seen).toContain('a whole number from 1 to 64, which is all that the host has');
  expect(seen).toContain('the runtimes want 763 GiB of memory together, the host has 512 GiB');
  expect(await textOf(host, PLACE)).toContain('memory_gb = 100\ncpus = 10\n');
});

test('on a narrow terminal every line of a question keeps its bar', async () => {
  const host = await fixtureHost('host-two-numa-nodes');
  const { code, seen } = await typing(host, ['init'], takeAll, 44);
  expect(code).toBe(0);
  const [, below = ''] = /Which account runs the virtual machines\?\n(.*)/.exec(seen) ?? [];
  expect(below).toMatch(/^[│|] {2}\(/);
});

test('after a recorded host the next commands look at the recording', async () => {
  const name = 'host-two-numa-nodes';
  const live = await fixtureHost(name);
  const { out: facts } = await vllmd(live, ['facts', '--config', 'vllmd.toml'], {
    cwd: FIXTURES + name,
  });
  const elsewhere = describedHost({ pci: [], files: { '/facts.json': facts } });
  const argv = ['init', '--yes', '--facts', '/facts.json', '-o', '/etc/a.toml', '--user', 'svc'];
  const { out } = await vllmd(elsewhere, argv);
  const [, next = ''] = out.split('next:\n');
  expect(next.trim().split(/\s*\n\s*/)).toEqual([
    'vllmd validate /etc/a.toml',
    'vllmd precheck --config /etc/a.toml --facts /facts.json',
    'vllmd install --dry-run --config /etc/a.toml --facts /facts.json',
  ]);
  expect(out).toContain(
    'whether the host of /facts.json has the account svc is not in the recording: `sudo useradd',
  );
  expect(await textOf(elsewhere, '/etc/a.toml')).toContain('is not in the recording');
  const json = await vllmd(elsewhere, [...argv, '--force', '--json']);
  expect(JSON.parse(json.out)).toMatchObject({
    user: { exists: null },
    next: expect.arrayContaining([expect.stringContaining('--facts /facts.json')]),
  });
});

test('lines of a runtime that was left out are a runtime without their mark', async () => {
  const host = await fixtureHost('host-boot-vga');
  const { out } = await vllmd(host, ['init', '--yes', '--output', '-', '--without-gpus']);
  const [before = '', after = ''] = out.split(/(?=^# Left out)/m);
  const uncommented = after.replaceAll(/^#(?! )/gm, '');
  await host.write('/etc/all.toml', before + uncommented, metadata);
  expect(uncommented).toMatch(/^\[\[runtimes\]\][\s\S]*^memory_gb = \d+\ncpus = \d+$/m);
  expect(await vllmd(host, ['validate', '/etc/all.toml'])).toMatchObject({ code: 0 });
});

test('the copy of a file is named as the file was', async () => {
  const host = describedHost();
  const cwd = { cwd: '/etc' };
  await vllmd(host, ['init', '--yes', '--output', 'a.toml'], cwd);
  const { out } = await vllmd(host, ['init', '--yes', '--output', 'a.toml', '--force'], cwd);
  expect(out).toContain('the former one is a.toml.bak now');
});

test('text is broken to the terminal, commands and rows are not', async () => {
  const host = await fixtureHost('host-eight-h100');
  const world = testWorld(host);
  const stdout = { ...world.stdout, columns: 80 };
  await run(['init', '--yes'], { ...world, stdout });
  const prose = world
    .out()
    .split('\n')
    .filter((line) => !/^runtime|^ {2}vllmd/.test(line));
  expect(Math.max(...prose.map((line) => line.length))).toBeLessThanOrEqual(80);
});

test('what is said of a recorded host is not said of this one', async () => {
  const live = await fixtureHost('host-no-iommu');
  const cwd = `${FIXTURES}host-no-iommu`;
  const { out: facts } = await vllmd(live, ['facts', '--config', 'vllmd.toml'], { cwd });
  const elsewhere = describedHost({ pci: [], files: { '/facts.json': facts } });
  const recorded = ['--facts', '/facts.json'];
  await vllmd(elsewhere, ['init', '--yes', ...recorded, '-o', '/etc/a.toml']);
  const { err } = await vllmd(elsewhere, [
    ...['install', '--dry-run', '--config', '/etc/a.toml'],
    ...recorded,
  ]);
  expect(err).toContain('A real run on the host of /facts.json would be refused:');
  expect(err).not.toContain('this host');
});
