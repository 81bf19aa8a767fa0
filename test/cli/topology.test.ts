import { readdirSync, readFileSync } from 'node:fs';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { exitCodes } from '../../src/core/failure.ts';
import type { World } from '../../src/host/world.ts';
import { FIXTURES, fixtureHost } from '../support/fixtures.ts';
import { describedHost, type HostDescription, testWorld } from '../support/world.ts';

const absent = () => ({ kind: 'absent' }) as const;

async function topologyOf(
  argv: readonly string[],
  name: string | HostDescription = 'host-two-numa-nodes',
  more: Partial<World> = {},
) {
  const host = typeof name === 'string' ? await fixtureHost(name) : describedHost(name);
  const cwd = typeof name === 'string' ? FIXTURES + name : '/';
  const usual = argv.includes('--config') ? {} : { readConfigFile: absent };
  const world = testWorld(host, { cwd, ...usual, ...more });
  const code = await run(['topology', ...argv], world);
  return { code, out: world.out(), err: world.err(), host };
}

test('only what an operator looks for is shown, and what is left out is counted', async () => {
  const pci = [
    { address: '0000:00:1f.4', id: '8086:a323', class: '0c0500', group: 3 },
    { address: '0000:01:00.0', id: '10de:2330', class: '030200', group: 10 },
  ];
  const short = await topologyOf([], { pci });
  expect(short.out).not.toContain('0000:00:1f.4');
  expect(short.out).toContain('1 other device not shown: add --all');
  const whole = await topologyOf(['--all'], { pci });
  expect(whole.out).toContain('0000:00:1f.4');
  expect(whole.out).not.toContain('not shown');
});

test('a terminal that has no lines gets ASCII: by --ascii, or by its locale', async () => {
  const printable = /^[\n\x20-\x7e]*$/;
  expect((await topologyOf(['--ascii'])).out).toMatch(printable);
  expect((await topologyOf([], undefined, { env: { LANG: 'C' } })).out).toMatch(printable);
  expect((await topologyOf([], undefined, { env: { LANG: 'de_DE.UTF-8' } })).out).toContain('└─');
  const overridden = { env: { LANG: 'de_DE.UTF-8', LC_ALL: 'POSIX' } };
  expect((await topologyOf([], undefined, overridden)).out).toMatch(printable);
});

test('names are cut to the width of the terminal, and to nothing off it', async () => {
  const written: string[] = [];
  const write = (text: string) => void written.push(text);
  await topologyOf([], 'host-two-gpus-one-switch', {
    stdout: { write, hasColour: false, isTerminal: true, columns: 120 },
  });
  const lines = written.join('').split('\n');
  expect(lines.some((line) => line.includes('…'))).toBe(true);
  expect(lines.filter((line) => line.includes('─ ') && line.length > 120)).toEqual([]);
  expect((await topologyOf([], 'host-two-gpus-one-switch')).out).not.toContain('…');
});

test('colour marks GPUs, groups in trouble and runtimes', async () => {
  const written: string[] = [];
  await topologyOf(['--config', 'vllmd.toml'], 'host-gpu-audio-nic', {
    stdout: { write: (text) => void written.push(text), hasColour: true, isTerminal: true },
  });
  const text = written.join('');
  expect(text).toContain('\u001b[32mGPU');
  expect(text).toContain('\u001b[33mgroup 17 !');
  expect(text).toContain('\u001b[36mruntime 1 (first)');
});

test('JSON has the whole tree with the place of each device', async () => {
  const { out } = await topologyOf(['--json', '--config', 'vllmd.toml']);
  const json = JSON.parse(out);
  expect(json).toMatchObject({ format_version: '1.0', ok: true, iommu: true });
  expect(json.sockets[1]).toMatchObject({
    ids: [1],
    numa_nodes: [
      {
        node: 1,
        devices: [
          {
            address: '0000:97:01.0',
            role: 'root-port',
            devices: [
              {
                address: '0000:98:00.0',
                role: 'gpu',
                iommu_group: '43',
                numa_node: 1,
                runtime: { index: 2, name: 'far' },
              },
            ],
          },
          {},
        ],
      },
    ],
  });
});

test('without a config there are no runtimes, with a broken one it is said', async () => {
  expect((await topologyOf([])).err).toBe('');
  const broken = {
    env: { VLLMD_HYPERVISOR_CONFIG: '/broken.toml' },
    readConfigFile: () => ({ kind: 'bytes', bytes: Buffer.from('nonsense') }) as const,
  };
  const found = await topologyOf([], undefined, broken);
  expect(found.code).toBe(0);
  expect(found.err).toContain('/broken.toml has errors, so no runtimes are shown');
  expect(found.out).toContain('GPU');
  const named = await topologyOf(['--config', '/broken.toml'], undefined, broken);
  expect(named.code).toBe(exitCodes.config);
  expect(named.out).toBe('');
});

test('a config that the environment names has to be there, and counts for a recorded host too', async () => {
  const env = { VLLMD_HYPERVISOR_CONFIG: 'vllmd.toml' };
  const gone = await topologyOf([], undefined, { env });
  expect(gone).toMatchObject({ code: exitCodes.noConfig, out: '' });
  expect(gone.err).toContain(
    'the config vllmd.toml, which $VLLMD_HYPERVISOR_CONFIG names, does not exist',
  );
  const { host } = gone;
  const cwd = `${FIXTURES}host-two-numa-nodes`;
  const facts = testWorld(host, { cwd, readConfigFile: absent });
  expect(await run(['facts'], facts)).toBe(0);
  const readConfigFile = (path: string) => ({
    kind: 'bytes' as const,
    bytes: path === '/facts.json' ? Buffer.from(facts.out()) : readFileSync(path),
  });
  const argv = ['--facts', '/facts.json'];
  const named = await topologyOf(argv, undefined, { env, readConfigFile });
  expect(named.out).toContain('runtime 2 (far)');
  const unnamed = await topologyOf(argv, undefined, { readConfigFile });
  expect(unnamed.out).not.toContain('runtime 2 (far)');
});

test('the picture is written once, and replaced by --force alone, with a copy of what was there', async () => {
  const first = await topologyOf(['--svg', '/host.svg']);
  expect(first).toMatchObject({ code: 0, err: '/host.svg: written\n' });
  const edit = { uid: 0, gid: 0, mode: 0o600 };
  await first.host.write('/host.svg', 'my own', edit);
  const again = async (argv: readonly string[]) => {
    const world = testWorld(first.host, { readConfigFile: absent });
    const code = await run(['topology', '--svg', '/host.svg', ...argv], world);
    return { code, err: world.err() };
  };
  expect((await again([])).code).toBe(exitCodes.conflict);
  expect(await first.host.read('/host.svg')).toMatchObject({ text: 'my own' });
  const err = '/host.svg: written; the former one is /host.svg.bak now\n';
  expect(await again(['--force'])).toEqual({ code: 0, err });
  expect(await first.host.read('/host.svg.bak')).toMatchObject({ text: 'my own', mode: 0o600 });
  expect((await again(['--force'])).code).toBe(0);
  expect(await first.host.read('/host.svg.bak')).toMatchObject({ text: 'my own' });
  expect(await first.host.read('/host.svg.bak2')).toMatchObject({ type: 'file' });
});

test('the picture alone goes to stdout for --svg -, and into no file of that name', async () => {
  const { code, out, err, host } = await topologyOf(['--svg', '-']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const written = await topologyOf(['--svg', '/host.svg']);
  expect(await written.host.read('/host.svg')).toMatchObject({ text: out });
  expect(await host.read(`${FIXTURES}host-two-numa-nodes/-`)).toEqual({ type: 'absent' });
});

test('--svg - goes with neither --json nor --force, and both are told apart', async () => {
  const both = await topologyOf(['--svg', '-', '--json']);
  expect(both).toMatchObject({ code: exitCodes.usage });
  expect(both.out + both.err).toContain('--svg - and --json both write to stdout');
  const forced = await topologyOf(['--svg', '-', '--force']);
  expect(forced).toMatchObject({ code: exitCodes.usage, out: '' });
  expect(forced.err).toContain('--svg FILE');
});

test('a picture in the place of a program does not run as its owner', async () => {
  const { host } = await topologyOf(['--svg', '/host.svg']);
  await host.write('/host.svg', '#!/bin/sh', { uid: 1000, gid: 1000, mode: 0o6755 });
  const world = testWorld(host, { readConfigFile: absent });
  expect(await run(['topology', '--svg', '/host.svg', '--force'], world)).toBe(0);
  expect(await host.read('/host.svg')).toMatchObject({ mode: 0o755 });
});

test('the picture goes through no link, over no directory and into none that is missing', async () => {
  const { host } = await topologyOf([]);
  await host.link('/link.svg', '/etc/passwd');
  const codes = [];
  for (const file of ['/link.svg', '/etc', '/none/host.svg']) {
    const world = testWorld(host, { readConfigFile: absent });
    codes.push(await run(['topology', '--svg', file, '--force'], world));
    expect(world.out()).toBe('');
  }
  expect(codes).toEqual([exitCodes.conflict, exitCodes.usage, exitCodes.usage]);
  expect((await topologyOf(['--force'])).code).toBe(exitCodes.usage);
});

const drawings = readdirSync(FIXTURES, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('topology.svg'),
);

test.for(drawings)(
  '%s is well-formed, needs nothing else and says in words what it shows',
  (name) => {
    const text = readFileSync(FIXTURES + name, 'utf8');
    expect(XMLValidator.validate(text)).toBe(true);
    const { svg } = new XMLParser({ ignoreAttributes: false }).parse(text);
    expect(svg['@_role']).toBe('img');
    expect(svg.title['#text']).toMatch(/^PCI topology: /);
    expect(svg.desc['#text']).toMatch(/0000:04:00.0|0000:1b:00.0/);
    expect(text.replace('http://www.w3.org/2000/svg', '')).not.toMatch(
      /https?:|url\(|<script|href/,
    );
  },
);

test('what is called badly is text in the picture', async () => {
  const { host } = await topologyOf(['--svg', '/host.svg'], {
    pciIds: false,
    pci: [{ address: '0000:01:00.0', id: '10de:2330', class: '030200', driver: '<b>&"\u0007' }],
  });
  const drawn = await host.read('/host.svg');
  const text = drawn.type === 'file' ? drawn.text : '';
  expect(text).toContain('&lt;b&gt;&amp;&quot;\\u{7}');
  expect(XMLValidator.validate(text)).toBe(true);
});
