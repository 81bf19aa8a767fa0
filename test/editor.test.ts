import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { run } from '../src/cli/run.ts';
import { readConfigFile } from '../src/host/config-file.ts';
import { describedHost, testWorld } from './support/world.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const taplo = createRequire(import.meta.url).resolve('@taplo/cli/dist/cli.js');

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vllmd-editor-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A config for the editor, in a directory of its own below `base`, beside the schema that its comment names. */
type Edited = { readonly title: string; readonly version: number; readonly config: string };

function fixture(name: string): string {
  return readFileSync(join(root, 'fixtures', name, 'vllmd.toml'), 'utf8');
}

const sound: readonly Edited[] = (
  [
    ['contract-example', 1],
    ['contract-example', 2],
    ['minimal', 1],
    ['version-2', 2],
  ] as const
).map(([name, version]) => ({
  title: `${name} by the schema of version ${version}`,
  version,
  config: fixture(name),
}));

/** What is changed in a sound file, where that is marked ('': at several places), and what is said of it. */
const faulty: readonly (Edited & { readonly place: string; readonly says: string })[] = [
  ...(
    [
      ['a number out of range', 'disk_gb = 100', 'disk_gb = 0', ':14:11', 'than the minimum of 1'],
      ['another type', 'default_cpus = 8', 'default_cpus = "8"', ':7:16', 'not of type "integer"'],
      ['an unknown key', 'user = "sdake"', 'user = "sdake"\nnope = 1', '', "'nope' was unexpected"],
      ['a PCI address without its domain', '["0000:82:00.0"]', '["82:00.0"]', '', 'does not match'],
    ] as const
  ).map(([title, before, after, place, says]) => ({
    ...{ title, version: 2, place, says },
    config: fixture('version-2').replace(before, after),
  })),
  {
    ...{ title: 'a key that came with version 2 in a file of version 1', version: 1, place: '' },
    config: `${fixture('minimal')}\n[boot]\nfirmware = "/f"\n`,
    says: "'boot' was unexpected",
  },
];

describe('an editor', () => {
  const edited = [...sound, ...faulty];
  let base = '';
  let said: readonly string[] = [];

  // Taplo, which editors use, takes seconds to start and none for one file more.
  beforeAll(async () => {
    base = mkdtempSync(join(tmpdir(), 'vllmd-taplo-'));
    for (const [at, { version, config }] of edited.entries()) {
      const world = testWorld(describedHost());
      expect(await run(['schema', '--schema-version', String(version)], world)).toBe(0);
      mkdirSync(join(base, `${at}`));
      writeFileSync(join(base, `${at}/schema.json`), world.out());
      writeFileSync(join(base, `${at}/vllmd.toml`), `#:schema ./schema.json\n${config}`);
    }
    said = [sound, faulty].flatMap((kind) => {
      const files = kind.map((one) => `${edited.indexOf(one)}/vllmd.toml`);
      const argv = [taplo, 'lint', '--colors', 'never', ...files];
      const { status, stdout, stderr } = spawnSync(process.execPath, argv, {
        cwd: base,
        encoding: 'utf8',
      });
      expect(stderr).toContain(`found files total=${files.length}`);
      expect(status, stdout + stderr).toBe(kind === sound ? 0 : 1);
      return (stdout + stderr).split('\n\n');
    });
  });
  afterAll(() => rmSync(base, { recursive: true }));

  const saidOf = (one: Edited) => {
    const path = join(base, `${edited.indexOf(one)}`, 'vllmd.toml');
    return said.filter((block) => block.includes(path)).join('\n\n');
  };

  test.for(sound)('finds nothing wrong with $title', (one) => {
    expect(saidOf(one)).toBe('');
  });

  test.for(faulty)('marks $title at its place', (one) => {
    expect(saidOf(one)).toContain(one.says);
    expect(saidOf(one)).toContain(`vllmd.toml${one.place}`);
  });
});

async function validate(
  head: string,
  ...flags: readonly string[]
): Promise<{ code: number; out: string; err: string }> {
  const path = join(directory, 'vllmd.toml');
  writeFileSync(path, `${head}\n${fixture('version-2')}`);
  const world = testWorld(describedHost(), {
    cwd: directory,
    readConfigFile,
  });
  const code = await run(['validate', 'vllmd.toml', ...flags], world);
  return { code, out: world.out(), err: world.err() };
}

const schemaFile = join(root, 'schemas/vllmd-hypervisor-config-schema.json');

test('validate has nothing to say about a file whose comment names its own schema', async () => {
  copyFileSync(schemaFile, join(directory, 'schema.json'));
  for (const comment of [
    '#:schema ./schema.json',
    `# $schema: file://${directory}/schema.json`,
    '# $schema: urn:vllmd:hypervisor-config:2',
    '# a comment of mine\n\n# $schema: ./schema.json',
    '# $schema: https://example.invalid/schema.json',
    '# the $schema: of this file',
    '# $schema: file:///path/to/vllmd-hypervisor-config-schema.json',
  ]) {
    expect(await validate(comment)).toMatchObject({ code: 0, err: '' });
  }
});

test.for([
  [
    'is of another version',
    '{"$id": "urn:vllmd:hypervisor-config:1"}',
    'is of version 1, and this file is of version 2',
  ],
  [
    'is of an older vllmd',
    '{"$id": "urn:vllmd:hypervisor-config:2"}',
    'is not the one of this vllmd',
  ],
] as const)('validate warns where the schema for the editor %s', async ([, schema, says]) => {
  writeFileSync(join(directory, 'schema.json'), schema);
  for (const comment of ['#:schema ./schema.json', `# $schema: file://${directory}/schema.json`]) {
    const { code, out, err } = await validate(comment);
    expect(code).toBe(0);
    expect(out).toContain('valid, 3 runtimes, 1 warning');
    expect(err).toContain('warning[schema-comment]');
    expect(err).toContain(says);
    expect(err).toContain('--> vllmd.toml:1:');
    expect(err).toContain(`vllmd schema --schema-version 2 > ${directory}/schema.json`);
  }
});

test.for([
  ['is of something else', '{"$id": "urn:other"}'],
  ['is no JSON', '{'],
] as const)('a file for the editor that %s is not to be written over', async ([, text]) => {
  writeFileSync(join(directory, 'schema.json'), text);
  const { code, err } = await validate('#:schema ./schema.json');
  expect(code).toBe(0);
  expect(err).toContain('is no schema of a vllmd config');
  expect(err).toContain('name the file that `vllmd schema --schema-version 2 > SCHEMA.json` makes');
  expect(err).not.toContain(`> ${directory}`);
});

test('a device that a comment names is not read, and no command for it is shown', async () => {
  expect(await validate('#:schema /dev/zero')).toMatchObject({ code: 0, err: '' });
  expect(await validate('# $schema: file:///dev/zero')).toMatchObject({ code: 0, err: '' });
  const isOnlyRegular = true;
  const stdin = readConfigFile('/dev/stdin', { isOnlyRegular });
  expect(stdin).not.toMatchObject({ kind: 'bytes' });
});

test('a path with signs of a shell is one word of the command that is shown', async () => {
  writeFileSync(join(directory, '$(id).json'), '{"$id": "urn:vllmd:hypervisor-config:2"}');
  const { err } = await validate('#:schema ./$(id).json');
  expect(err).toContain(`> '${directory}/$(id).json'`);
});

test('validate warns where a comment names the schema of another version', async () => {
  const { code, err } = await validate('# $schema: urn:vllmd:hypervisor-config:1');
  expect(code).toBe(0);
  expect(err).toContain('is of version 1, and this file is of version 2');
});

test('what a comment names turns nobody round who reads the warning', async () => {
  writeFileSync(join(directory, 'schema.json'), '{');
  const { out } = await validate('#:schema ./\u202e/../schema.json', '--json');
  expect(out).toContain('the schema ./\\\\u{202e}/../schema.json is no schema of a vllmd config');
  expect(out).not.toContain('\u202e');
});
