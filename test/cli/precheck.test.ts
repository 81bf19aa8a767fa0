import { expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import type { World } from '../../src/host/world.ts';
import {
  describedHost,
  type HostDescription,
  type TestWorld,
  testWorld,
} from '../support/world.ts';

const FACTS = '/facts.json';
const CONFIG = '/etc/vllmd/config.toml';

/** A world whose host has this config, and perhaps a recording of another one. */
function worldOf(
  description: HostDescription,
  files: Readonly<Record<string, string>> = {},
  more: Partial<World> = {},
): TestWorld {
  return testWorld(describedHost(description), {
    readConfigFile: (path) => {
      const text = files[path];
      return text === undefined
        ? { kind: 'absent' }
        : { kind: 'bytes', bytes: new TextEncoder().encode(text) };
    },
    ...more,
  });
}

const config = `schema_version = 2

[global]
user = "sdake"

[[runtimes]]
index = 1
name = "first"
gpus = ["0000:01:00.0"]
memory_gb = 64
cpus = 8
`;

test('the JSON has the checks that the text has, and the same answer', async () => {
  const host: HostDescription = { missing: ['/usr/sbin/nft'], nested: true };
  const text = worldOf(host, { [CONFIG]: config });
  const json = worldOf(host, { [CONFIG]: config });
  expect(await run(['precheck'], text)).toBe(6);
  expect(await run(['precheck', '--json'], json)).toBe(6);
  const answer = JSON.parse(json.out());
  expect(answer).toMatchObject({
    format_version: '1.0',
    ready: false,
    score: 40,
    config: CONFIG,
    recorded: null,
    scores: { software: 40, cpu: 100 },
  });
  for (const { verdict, id, message, remedy } of answer.checks) {
    expect(text.out()).toMatch(new RegExp(`^ {2}${verdict.toUpperCase()}  ${id} `, 'm'));
    for (const line of [message, ...remedy]) expect(text.out()).toContain(line);
  }
  expect(text.out().match(/^ {2}[A-Z]{4} {2}/gm)).toHaveLength(answer.checks.length);
});

test('the last line is the verdict, also where colour comes in', async () => {
  const stdout = { hasColour: true, isTerminal: true };
  const out: string[] = [];
  const write = (chunk: string) => void out.push(chunk);
  const plain = worldOf({}, { [CONFIG]: config });
  const world = worldOf(
    {},
    { [CONFIG]: config },
    { stdout: { ...plain.stdout, ...stdout, write } },
  );
  await run(['precheck'], plain);
  await run(['precheck'], world);
  const escapes = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`, 'g');
  expect(out.join('')).not.toBe(plain.out());
  expect(out.join('').replaceAll(escapes, '')).toBe(plain.out());
  expect(plain.out()).toMatch(/\nREADY: .*score \d+ of 100\n$/);
});

test('a config that is found counts as one that is named, and one that is not valid fails', async () => {
  const world = worldOf({}, { [CONFIG]: config.replace('cpus = 8', 'cpus = "8"') });
  expect(await run(['precheck'], world)).toBe(6);
  expect(world.out()).toContain(`${CONFIG} is not valid: 1 problem`);
  expect(world.out()).toContain(`vllmd validate ${CONFIG}`);
  expect(world.out()).toContain('NOT-READY: 1 failed');
});

test('a key that only a lenient reader takes is no failure for one', async () => {
  const files = { [CONFIG]: `${config}colour = "blue"\n` };
  expect(await run(['precheck'], worldOf({}, files))).toBe(6);
  expect(await run(['precheck', '--lenient'], worldOf({}, files))).toBe(0);
});

test('what lenient mode leaves out is a warning with its line, and a slip that would take a VM away a failure', async () => {
  const forgiven = worldOf({}, { [CONFIG]: `${config}colour = "blue"\n` });
  await run(['precheck', '--lenient'], forgiven);
  expect(forgiven.out()).toMatch(/WARN {2}unknown-key +line 12: .*colour/);
  const slip = worldOf({}, { [CONFIG]: config.replace('[[runtimes]]', '[[runtime]]') });
  expect(await run(['precheck', '--lenient'], slip)).toBe(6);
  expect(slip.out()).toContain(`vllmd install --dry-run --lenient --config ${CONFIG}`);
});

test('the next step about a config that lenient mode refuses is about the recorded host too', async () => {
  const recording = worldOf({});
  await run(['facts', '--quiet'], recording);
  const slip = `${config.replace('[[runtimes]]', '[[runtime]]')}colour = "blue"\n`;
  const world = worldOf({}, { '/own.toml': slip, [FACTS]: recording.out() });
  await run(['precheck', '--lenient', '--config', '/own.toml', '--facts', FACTS], world);
  expect(world.out()).toContain('/own.toml is not valid: 1 problem;');
  expect(world.out()).toContain(
    `vllmd install --dry-run --lenient --config /own.toml --facts ${FACTS}\n`,
  );
});

test.for([
  ['topology', []],
  ['topology', ['--config', CONFIG]],
  ['facts', []],
  ['facts', ['--config', CONFIG]],
] as const)(
  '%s %j says on stderr what lenient mode left out of the config',
  async ([command, words]) => {
    const world = worldOf({}, { [CONFIG]: `${config}colour = "blue"\n` });
    expect(await run([command, '--lenient', ...words], world)).toBe(0);
    expect(world.err()).toContain('warning[unknown-key]');
    expect(world.err()).toContain(`${CONFIG}:12:1`);
  },
);

test('what is said of the config comes before all that depends on it', async () => {
  const world = worldOf({}, { '/a b.toml': `${config}colour = "blue"\n` });
  await run(['precheck', '--config', '/a b.toml'], world);
  expect(world.out()).toMatch(
    /^readiness .*\n\nconfig {2}40\n {2}FAIL .* what follows is about the host alone\n/,
  );
  expect(world.out()).toContain("vllmd validate '/a b.toml'");
});

test('a recorded host is held against no config of this machine, unless it is named', async () => {
  const recording = worldOf({ kernelRelease: '5.4.0-1', iommu: false }, {}, { uid: 1000 });
  expect(await run(['facts', '--quiet'], recording)).toBe(0);
  const files = { [CONFIG]: config, [FACTS]: recording.out() };
  const other = worldOf({ pci: [] }, files);
  expect(await run(['precheck', '--facts', FACTS], other)).toBe(6);
  expect(other.out()).toContain(
    'readiness of the host of /facts.json without a config, recorded by vllmd 0.0.0-test without root',
  );
  expect(other.out()).toContain('no config was named for this recording');
  expect(other.out()).toContain('Linux 5.4.0-1 works');
  expect(other.err()).toBe('');
  const named = worldOf({ pci: [] }, files);
  expect(await run(['precheck', '--facts', FACTS, '--config', CONFIG, '--json'], named)).toBe(6);
  const { config: against, recorded } = JSON.parse(named.out());
  expect([against, recorded]).toEqual([
    CONFIG,
    {
      file: FACTS,
      vllmd_version: '0.0.0-test',
      as_root: false,
      not_recorded: expect.any(Array),
      left_out: [],
    },
  ]);
});

test('a precheck changes nothing on the host', async () => {
  const host = describedHost();
  const before = new Map(host.entries);
  await run(['precheck'], testWorld(host, { readConfigFile: () => ({ kind: 'absent' }) }));
  expect(new Map(host.entries)).toEqual(before);
  expect(host.commands).toEqual([]);
});

const lone = { address: '0000:01:00.0', id: '10de:2330', class: '030200', group: 8 };
const beside = {
  address: '0000:05:00.0',
  id: '144d:a808',
  class: '010802',
  driver: 'nvme',
  group: 8,
};

test('on a terminal nothing is wider than it, but for what is to be copied and trees', async () => {
  const out: string[] = [];
  const host = { missing: ['/usr/sbin/nft'], pci: [lone, beside] };
  const plain = worldOf(host, { [CONFIG]: config });
  const write = (chunk: string) => void out.push(chunk);
  const wide = worldOf(host, { [CONFIG]: config });
  await run(['precheck'], wide);
  for (const columns of [80, 120]) {
    out.length = 0;
    const stdout = { ...plain.stdout, write, columns };
    await run(['precheck'], worldOf(host, { [CONFIG]: config }, { stdout }));
    const lines = out.join('').split('\n');
    const long = lines.filter((line) => line.length > columns);
    expect(long.filter((line) => !/sudo |├─|└─/.test(line))).toEqual([]);
    const words = (text: string) => text.split(/\s+/).join(' ');
    expect(words(out.join(''))).toBe(words(wide.out()));
  }
});

test('where the locale has ASCII only, so have trees and arrows', async () => {
  const env = { LC_ALL: 'C' };
  const host = { pci: [lone, beside] };
  const look = worldOf(host, { [CONFIG]: config }, { env });
  await run(['precheck'], look);
  expect(look.out()).toContain('          `- 0000:05:00.0');
  expect(look.out()).toContain('        -> ');
  expect(look.out()).not.toMatch(/\P{ASCII}/u);
  const plan = worldOf(host, { [CONFIG]: config }, { env });
  await run(['install', '--dry-run'], plan);
  expect(plan.err()).toContain('`- 0000:05:00.0');
  expect(plan.err()).not.toMatch(/[├└]/);
  const excerpt = worldOf(
    host,
    { '/wrong.toml': config.replace('index = 1', 'indx = 1 # …') },
    { env },
  );
  await run(['validate', '/wrong.toml'], excerpt);
  expect(excerpt.err()).toContain('| indx = 1 # …\n');
});

test('the same remedy of several devices is said once', async () => {
  const gone = config.replace('0000:01:00.0', '0000:16:00.0", "0000:27:00.0');
  const world = worldOf({ pci: [lone] }, { [CONFIG]: gone });
  await run(['precheck'], world);
  expect(world.out().match(/gpu-present/g)).toHaveLength(2);
  expect(world.out().match(/lspci -D/g)).toHaveLength(1);
});
