import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../src/cli/run.ts';
import { exitCodes } from '../src/core/failure.ts';
import { parseRecording } from '../src/core/recording/parse-recording.ts';
import { writeRecording } from '../src/core/recording/recording.ts';
import { readConfigFile } from '../src/host/config-file.ts';
import type { Host } from '../src/host/host.ts';
import { createMemoryHost, type MemoryHost } from '../src/host/memory-host.ts';
import {
  besides,
  description,
  FIXTURES,
  fixtureArtefacts,
  fixtureHost,
  fixtureNames,
} from './support/fixtures.ts';
import { behaviourOf, testWorld } from './support/world.ts';

const FACTS = '/facts.json';

type Answer = { readonly code: number; readonly out: string; readonly err: string };

async function call(
  host: Host,
  argv: readonly string[],
  cwd: string,
  facts = '',
  uid = 0,
): Promise<Answer> {
  const world = testWorld(host, {
    cwd,
    uid,
    readConfigFile: (path) => {
      if (path === FACTS) return { kind: 'bytes', bytes: Buffer.from(facts) };
      if (!existsSync(path)) return { kind: 'absent' };
      return { kind: 'bytes', bytes: readFileSync(path) };
    },
  });
  const code = await run(argv, world);
  return { code, out: world.out(), err: world.err() };
}

/** As recordings call every machine. */
function anonymous(host: MemoryHost, name: string): MemoryHost {
  const entries = new Map(host.entries);
  const text = `${'0'.repeat(32)}\n`;
  entries.set('/etc/machine-id', { type: 'file', mode: 0o644, uid: 0, gid: 0, text });
  return createMemoryHost({ entries, units: host.units, ...behaviourOf(description(name)) });
}

const valid: string[] = [];
for (const name of fixtureNames()) {
  if ((await fixtureArtefacts(name)) !== undefined) valid.push(name);
}
/** What these are about is the text of a file of somebody's, which is in no recording. */
const ofTexts = ['foreign-file', 'version-2', 'guest-llama', 'guest-llama-changed', 'hive-agent'];
const fresh = valid.filter(
  (name) => !(ofTexts.includes(name) || existsSync(`${FIXTURES}${name}/before.toml`)),
);

test.for(fresh)(
  'a dry run for the recorded host of %s is that for the host itself',
  async (name) => {
    const cwd = FIXTURES + name;
    const host = anonymous(await fixtureHost(name), name);
    const command = description(name).command ?? ['install', '--config', 'vllmd.toml'];
    const dryRun = [...command, '--dry-run', '--detailed-exitcode'];
    const facts = await call(host, ['facts', '--config', 'vllmd.toml'], cwd);
    expect(facts).toMatchObject({ code: 0, err: '' });
    const live = await call(host, dryRun, cwd);
    const recorded = await call(createMemoryHost(), [...dryRun, '--facts', FACTS], cwd, facts.out);
    // The host is called what it is.
    const err = recorded.err.replaceAll('the host of /facts.json', 'this host');
    expect({ ...recorded, err }).toEqual(live);
  },
);

const hosts = valid.filter((name) => name.startsWith('host-'));

test.for(hosts)(
  'a precheck of the recorded host of %s is that of the host itself',
  async (name) => {
    const cwd = FIXTURES + name;
    const host = await fixtureHost(name);
    const facts = await call(host, ['facts', '--config', 'vllmd.toml'], cwd);
    const live = await call(host, ['precheck', '--config', 'vllmd.toml', '--json'], cwd);
    const argv = ['precheck', '--config', 'vllmd.toml', '--json', '--facts', FACTS];
    const recorded = await call(createMemoryHost(), argv, cwd, facts.out);
    expect(recorded).toMatchObject({ code: live.code, err: '' });
    const { recorded: whose, ...rest } = JSON.parse(recorded.out);
    expect(whose).toEqual({
      file: FACTS,
      vllmd_version: '0.0.0-test',
      as_root: true,
      not_recorded: [],
      left_out: [],
    });
    expect({ ...rest, recorded: null }).toEqual(JSON.parse(live.out));
  },
);

test.for(['host-eight-h100', 'network-bridge'])(
  'a plain recording of %s tells all that the config which init makes of it asks',
  async (name) => {
    const cwd = FIXTURES + name;
    const { out: facts } = await call(await fixtureHost(name), ['facts'], cwd);
    const init = ['init', '--facts', FACTS, '--output', '-', '--without-gpus'];
    const made = await call(createMemoryHost(), init, cwd, facts);
    expect(made.code).toBe(0);
    expect(made.err).not.toContain('not in the recording');
    const files = new Map([
      [FACTS, facts],
      ['/made.toml', made.out],
    ]);
    for (const command of [['install', '--dry-run'], ['precheck']]) {
      const world = testWorld(createMemoryHost(), {
        readConfigFile: (path) => {
          const text = files.get(path);
          return text === undefined
            ? { kind: 'absent' }
            : { kind: 'bytes', bytes: Buffer.from(text) };
        },
      });
      await run([...command, '--config', '/made.toml', '--facts', FACTS], world);
      expect(world.err()).not.toContain('not in the recording');
    }
  },
);

test('a plain recording knows every interface that a later config may name', async () => {
  const cwd = `${FIXTURES}network-bridge`;
  const { out } = await call(await fixtureHost('network-bridge'), ['facts'], FIXTURES);
  const argv = ['precheck', '--config', 'vllmd.toml', '--facts', FACTS, '--json'];
  const answer = await call(createMemoryHost(), argv, cwd, out);
  const { not_recorded: gaps } = JSON.parse(answer.out).recorded;
  expect(gaps).toContain('/home/sdake');
  expect(gaps.filter((path: string) => path.startsWith('/sys/class/net'))).toEqual([]);
});

test.for(hosts)('a recording of %s is read as it was written', async (name) => {
  const host = await fixtureHost(name);
  const { out } = await call(host, ['facts', '--config', 'vllmd.toml'], FIXTURES + name);
  const recording = parseRecording(out);
  if (typeof recording === 'string') throw new Error(recording);
  expect(writeRecording(recording)).toBe(out);
});

/** On a host with an install the texts of what it wrote are not in the recording: what is there, and what the host lacks, is. */
const installed = valid.filter(
  (name) => existsSync(`${FIXTURES}${name}/before.toml`) && !ofTexts.includes(name),
);

test.for(installed)('what the host of %s lacks shows in its recording', async (name) => {
  const cwd = FIXTURES + name;
  const host = anonymous(await fixtureHost(name), name);
  const dryRun = ['install', '--config', 'vllmd.toml', '--dry-run', '--json'];
  const facts = await call(host, ['facts', '--config', 'vllmd.toml'], cwd);
  const live = await call(host, dryRun, cwd);
  const recorded = await call(createMemoryHost(), [...dryRun, '--facts', FACTS], cwd, facts.out);
  expect(recorded).toMatchObject({ code: 0 });
  expect(recorded.err).toContain('with contents that are never recorded');
  expect(recorded.err).not.toContain('not in the recording');
  expect(JSON.parse(recorded.out).diagnostics).toEqual(JSON.parse(live.out).diagnostics);
});

test('user data, whose text is in no recording, is a warning, and the rest is shown', async () => {
  const cwd = `${FIXTURES}version-2`;
  const host = anonymous(await fixtureHost('version-2'), 'version-2');
  const facts = await call(host, ['facts', '--config', 'vllmd.toml'], cwd);
  const dryRun = ['install', '--config', 'vllmd.toml', '--dry-run'];
  const live = await call(host, dryRun, cwd);
  const recorded = await call(createMemoryHost(), [...dryRun, '--facts', FACTS], cwd, facts.out);
  const withoutCounts = (text: string) => text.replaceAll(/\(sensitive, \d+ lines\)/g, '');
  expect(recorded.code).toBe(live.code);
  expect(withoutCounts(recorded.out)).toBe(withoutCounts(live.out));
  expect(recorded.err).toMatch(/warning\[user-data\]: .* is not told by the recording/);
  const precheck = ['precheck', '--config', 'vllmd.toml', '--facts', FACTS];
  const said = (await call(createMemoryHost(), precheck, cwd, facts.out)).out;
  expect(said).toMatch(/WARN {2}user-data .* is not told by the recording/);
});

test('user data that nobody has asked the recorded host about is a warning as well', async () => {
  const cwd = `${FIXTURES}version-2`;
  const { out } = await call(await fixtureHost('version-2'), ['facts'], FIXTURES);
  const argv = ['precheck', '--config', 'vllmd.toml', '--facts', FACTS];
  const said = (await call(createMemoryHost(), argv, cwd, out)).out;
  expect(said).toMatch(/WARN {2}user-data .* is not told by the recording/);
});

test('user data that this account may not read is said to need root', async () => {
  const host = await fixtureHost('version-2');
  const closed: Host = {
    ...host,
    read: async (path) => (path.includes('user-data') ? { type: 'hidden' } : host.read(path)),
  };
  const dryRun = ['install', '--config', 'vllmd.toml', '--dry-run'];
  const { err } = await call(closed, dryRun, `${FIXTURES}version-2`, '', 1000);
  expect(err).toMatch(
    /error\[user-data\]: .* may not be read\n(?:.*\n)*? *= help: run it with sudo/,
  );
});

test('a llama.cpp config of the host, whose text is in no recording, is a warning, and one beside the config is read', async () => {
  const cwd = `${FIXTURES}guest-llama`;
  const host = anonymous(await fixtureHost('guest-llama'), 'guest-llama');
  const facts = await call(host, ['facts', '--config', 'vllmd.toml'], cwd);
  const here = createMemoryHost({ entries: besides('guest-llama') });
  const dryRun = ['install', '--config', 'vllmd.toml', '--dry-run', '--facts', FACTS];
  const recorded = await call(here, dryRun, cwd, facts.out);
  expect(recorded.code).toBe(0);
  expect(recorded.err).toMatch(
    /warning\[llama-config\]: runtimes\[1\]\.llama\.config: .*small\.toml is not told by the recording/,
  );
  expect(recorded.out).toContain('/runtime-1/cloud-init/vendor-data');
  expect(recorded.out).not.toContain('/runtime-2/cloud-init/vendor-data');
  const precheck = ['precheck', '--config', 'vllmd.toml', '--facts', FACTS];
  const said = (await call(here, precheck, cwd, facts.out)).out;
  expect(said).toMatch(/WARN {2}llama-config .* is not told by the recording/);
});

const SECRET = 'hunter2/Zm9vYmFyYmF6cXV4Zm9vYmFy';
const MORE_SECRETS = [
  'api_key = "sk-9f8e7d6c5b4a3f2e1d0c9b8a7f6e5d4c"',
  'GPU UUID:        GPU-6f3a2c9e-1b5d-4e7f-8a90-b1c2d3e4f5a6',
  'serial: 1320917003311',
  'd4:5d:64:aa:bb:cc',
];

test('nothing that stands in a file beside what is asked for reaches a recording', async () => {
  for (const name of ['host-gpu-held', 'host-eight-h100', 'gpu-moved']) {
    const host = await fixtureHost(name);
    const text = [SECRET, ...MORE_SECRETS].join('\n');
    const beside = await recordingOf(
      planted(host, name, (own) => `${own}${text}\n${own}`),
      name,
    );
    const instead = await recordingOf(
      planted(host, name, () => `${text}\n`),
      name,
    );
    for (const secret of ['hunter2', 'sk-9f8e', '6f3a2c9e', '1320917003311', 'd4:5d:64']) {
      for (const form of [secret, Buffer.from(secret).toString('hex')]) {
        expect(beside).not.toContain(form);
        expect(instead).not.toContain(form);
      }
    }
  }
});

async function recordingOf(host: Host, name: string): Promise<string> {
  return (await call(host, ['facts', '--config', 'vllmd.toml'], FIXTURES + name)).out;
}

/** The same host with other texts in all of its files; of PCI configuration space the first 64 bytes are the kernel's alone. */
function planted(host: MemoryHost, name: string, text: (own: string) => string): MemoryHost {
  const entries = [...host.entries].map(([path, entry]) => {
    if (entry.type !== 'file') return [path, entry] as const;
    const header = path.endsWith('/config') ? entry.text.padEnd(64, '\0') : '';
    return [path, { ...entry, text: header + text(entry.text) }] as const;
  });
  return createMemoryHost({ entries, units: host.units, ...behaviourOf(description(name)) });
}

const broken: readonly (readonly [string, (facts: string) => string, string])[] = [
  ['is cut off', (facts) => facts.slice(0, 900), 'is not JSON: was it cut off?'],
  [
    'is something else',
    () => '{"kind":"plan"}',
    'is no recording: its "kind" must be "vllmd-facts"',
  ],
  [
    'is of a newer vllmd',
    (facts) => facts.replace('"format_version": "1.0"', '"format_version": "2.0"'),
    'has format_version "2.0", this vllmd reads 1.0',
  ],
  [
    'has an answer of another form',
    (facts) => facts.replace('"/dev/kvm": true', '"/dev/kvm": "yes"'),
    'has no answer at "exists" of /dev/kvm',
  ],
  ['lacks a part', (facts) => facts.replace('"query"', '"queries"'), 'lacks "query"'],
];

test.for(broken)('a recording that %s is refused, and it is said why', async ([, spoil, why]) => {
  const cwd = `${FIXTURES}minimal`;
  const { out } = await call(await fixtureHost('minimal'), ['facts'], cwd);
  const dryRun = ['install', '--dry-run', '--config', 'vllmd.toml', '--facts', FACTS];
  const answer = await call(createMemoryHost(), dryRun, cwd, spoil(out));
  expect(answer).toMatchObject({ code: 66, out: '' });
  expect(answer.err).toContain(why);
  expect(answer.err).toContain('sudo vllmd facts > facts.json');
});

test('a recording may be larger than a config, and one that is too large is called that', async () => {
  const cwd = `${FIXTURES}minimal`;
  const { out } = await call(await fixtureHost('minimal'), ['facts'], cwd);
  const directory = mkdtempSync(join(tmpdir(), 'vllmd-recording-'));
  const file = join(directory, 'facts.json');
  const seen = async () => {
    const world = testWorld(createMemoryHost(), { cwd, readConfigFile });
    return { code: await run(['topology', '--facts', file], world), err: world.err() };
  };
  try {
    writeFileSync(file, out + ' '.repeat(9 * 2 ** 20));
    expect(await seen()).toMatchObject({ code: 0 });
    truncateSync(file, 64 * 2 ** 20 + 1);
    const { code, err } = await seen();
    expect(code).toBe(exitCodes.noConfig);
    expect(err).toContain(`--facts ${file}: it is larger than 64 MiB`);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

/** Texts that a kernel never prints, of a recording that somebody has written. */
const hostile: readonly (readonly [string, string, string])[] = [
  ['a range of CPUs without an end', '/sys/devices/system/cpu/online', '0-99999999999\n'],
  ['one range many times', '/sys/devices/system/cpu/online', `${'0-65535,'.repeat(1e5)}0\n`],
  ['a name of blanks', '/proc/cpuinfo', `model name\t: ${' '.repeat(1e6)}\n`],
  ['a home that is no path', '/etc/passwd', 'vllm:x:1000:1000::home/vllm:\n'],
];

test.for(hostile)('a recording with %s is read to its end', async ([, path, text]) => {
  const cwd = `${FIXTURES}minimal`;
  const { out } = await call(await fixtureHost('minimal'), ['facts'], cwd);
  const recording = JSON.parse(out);
  recording.read[path] = { type: 'file', mode: 0o644, uid: 0, gid: 0, text };
  const facts = JSON.stringify(recording);
  for (const argv of [['precheck'], ['topology'], ['init', '--output', '-']]) {
    const answer = await call(createMemoryHost(), [...argv, '--facts', FACTS], cwd, facts);
    expect([0, 6]).toContain(answer.code);
  }
});

test('a failure that was recorded is one of the recording, and not of vllmd', async () => {
  const cwd = `${FIXTURES}minimal`;
  const { out } = await call(await fixtureHost('minimal'), ['facts'], cwd);
  const recording = JSON.parse(out);
  recording.read['/proc/meminfo'] = { failed: 'EFOO' };
  const argv = ['precheck', '--facts', FACTS];
  const answer = await call(createMemoryHost(), argv, cwd, JSON.stringify(recording));
  expect(answer).toMatchObject({ code: exitCodes.noConfig, out: '' });
  expect(answer.err).toContain('the recording has EFOO for /proc/meminfo');
  expect(answer.err).not.toContain('bug');
});

test('a recording is for looking at: --facts without --dry-run is wrong usage', async () => {
  const argv = ['install', '--config', 'vllmd.toml', '--facts', FACTS];
  for (const uid of [0, 1000]) {
    const answer = await call(createMemoryHost(), argv, `${FIXTURES}minimal`, '', uid);
    expect(answer).toMatchObject({ code: 64, out: '' });
    expect(answer.err).toContain('--facts without --dry-run');
  }
});

test('what was never asked is not taken for absent, and is listed', async () => {
  const cwd = `${FIXTURES}minimal`;
  const { out } = await call(await fixtureHost('minimal'), ['facts'], cwd);
  const dryRun = ['install', '--dry-run', '--config', 'vllmd.toml', '--facts', FACTS];
  const answer = await call(createMemoryHost(), dryRun, `${FIXTURES}host-mi300x`, out);
  expect(answer).toMatchObject({ code: 0 });
  expect(answer.err).toContain('/facts.json, made by vllmd 0.0.0-test, does not tell everything');
  expect(answer.err).toContain('/home/sdake');
  expect(answer.err).toContain('sudo vllmd facts --config vllmd.toml > facts.json');
});

test('facts ends where a config that was named cannot be had, and says why one that was found is not used', async () => {
  const host = await fixtureHost('host-two-numa-nodes');
  const said = async (env: Record<string, string>, why: string) => {
    const readConfigFile = () => ({ kind: 'unreadable', why }) as const;
    const world = testWorld(host, { env, readConfigFile });
    return { code: await run(['facts'], world), out: world.out(), err: world.err() };
  };
  const named = await said({ VLLMD_HYPERVISOR_CONFIG: '/mine.toml' }, 'permission denied');
  expect(named).toMatchObject({ code: exitCodes.noConfig, out: '' });
  expect(named.err).toContain('cannot read the config /mine.toml: permission denied');
  const found = await said({}, 'permission denied');
  expect(found.code).toBe(0);
  expect(found.err).toContain('cannot read the config /etc/vllmd/config.toml: permission denied');
  expect(found.err).not.toContain('no config');
});
