import { expect, test } from 'vitest';
import { createMemoryHost } from '../src/host/memory-host.ts';
import { call } from './support/call.ts';
import { simulatedHost } from './support/systemd.ts';

const CONFIG =
  'schema_version = 2\n[global]\nuser = "sdake"\n[[runtimes]]\nindex = 1\nname = "web"\n';
/** Asks for an account, a directory and an image that nobody has asked the host for. */
const OTHER = [
  'schema_version = 2',
  '[global]\nuser = "mara"\nstate_dir = "/srv/vms"',
  '[storage]\nbase_image = "/srv/other.raw"',
  '[[runtimes]]\nindex = 1\nname = "web"\n',
].join('\n');

async function recordedTexts(): Promise<ReadonlyMap<string, string>> {
  const texts = new Map([
    ['/c.toml', CONFIG],
    ['/other.toml', OTHER],
  ]);
  const { out } = await call(simulatedHost(), ['facts', '--config', '/c.toml'], { texts });
  return new Map([...texts, ['/facts.json', out]]);
}

const texts = await recordedTexts();

async function answerOf(argv: readonly string[]) {
  const world = { treeHost: () => createMemoryHost() };
  const { code, out, err } = await call(simulatedHost(), argv, { texts, world });
  return { code, json: JSON.parse(out), err };
}

const commands = [
  ['precheck', '--config', '/other.toml'],
  ['topology', '--config', '/other.toml'],
  ['explain', 'network.env', '--config', '/other.toml'],
  ['render', '--config', '/other.toml', '--out', '/tree'],
  ['install', '--dry-run', '--config', '/other.toml'],
  ['init', '--output', '-', '--without-gpus'],
];

test.for(commands)(
  '%s --json says of a recorded host what its recording does not tell',
  async (...[argv]) => {
    const { json, err } = await answerOf([...argv, '--json', '--facts', '/facts.json']);
    expect(json.recorded).toEqual({
      file: '/facts.json',
      vllmd_version: '0.0.0-test',
      as_root: true,
      not_recorded: expect.any(Array),
      left_out: expect.any(Array),
    });
    for (const gap of [...json.recorded.not_recorded, ...json.recorded.left_out].slice(0, 12)) {
      expect(err).toContain(`    ${gap}\n`);
    }
    expect((await answerOf([...argv, '--json'])).json.recorded).toBeNull();
  },
);

test.for(['render --out /tree', 'install --dry-run', 'explain network.env', 'precheck'])(
  'what a config asks for beyond the recording is among it: %s',
  async (command) => {
    const argv = [...command.split(' '), '--config', '/other.toml', '--facts', '/facts.json'];
    const { json } = await answerOf([...argv, '--json']);
    expect(json.recorded.not_recorded).toContain('getent passwd mara');
  },
);
