import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ConfigInput } from '../../src/core/config/config-input.gen.ts';
import { loadConfig } from '../../src/core/config/load.ts';
import type { Artefact } from '../../src/core/render/artefact.ts';
import { compose } from '../../src/host/compose.ts';
import { dumpOf } from '../support/dump.ts';
import { pathsOf } from '../support/said.ts';
import { configsFromSchema } from '../support/schema-configs.ts';
import { tomlOf } from '../support/toml-text.ts';
import { unitNames, writeArtefacts, writeStubs } from '../support/unit-tree.ts';
import { describedHost } from '../support/world.ts';

const hasAnalyze = spawnSync('systemd-analyze', ['--version']).status === 0;
const SEED = 20_261_126;
const COUNT = 60;

/** Configs with runtimes that are accepted, from many that are drawn. */
const inputs: readonly ConfigInput[] = fc
  .sample(tomlOf(configsFromSchema(0)), { numRuns: 8 * COUNT, seed: SEED })
  .flatMap(({ text }) => {
    const { result } = loadConfig(Buffer.from(text));
    return result.ok && (result.value.runtimes ?? []).length > 0 ? [result.value] : [];
  })
  .slice(0, COUNT);

let root = '';
beforeAll(() => {
  root = mkdtempSync(`${tmpdir()}/vllmd-rendered-`);
  writeStubs(root);
});
afterAll(() => rmSync(root, { recursive: true }));

test('enough configs are accepted for a sample', () => {
  expect(inputs.length).toBe(COUNT);
});

test.skipIf(!hasAnalyze)(
  'systemd takes every line of a rendered unit, and reads what the config says',
  async () => {
    let runtimes = 0;
    for (const input of inputs) {
      rmSync(`${root}/etc`, { recursive: true, force: true });
      const { artefacts } = await compose(input, describedHost());
      writeArtefacts(
        root,
        artefacts.filter(({ path }) => path.startsWith('/etc/')),
      );
      const units = unitNames(artefacts);
      const options = ['--man=no', '--generators=no', '--recursive-errors=no', `--root=${root}`];
      const verified = spawnSync('systemd-analyze', ['verify', ...options, ...units], {
        encoding: 'utf8',
      });
      // Such as `a.b` and `machine$`, which Active Directory has; no line is ignored for it.
      const output = (verified.stdout + verified.stderr).replace(
        /^Accepting user\/group name .*\n/gm,
        '',
      );
      expect({ input, output, status: verified.status }).toEqual({ input, output: '', status: 0 });
      const dump = dumpOf(root, units);
      for (const runtime of input.runtimes ?? []) {
        const seen = dump.get(`vllmd-runtime@${runtime.index}.service`) ?? new Map();
        expectSaid(input, runtime, seen);
        runtimes += 1;
      }
    }
    process.stderr.write(
      `runtimes whose units systemd has read: ${runtimes} of ${inputs.length} configs\n`,
    );
  },
);

type Runtime = NonNullable<ConfigInput['runtimes']>[number];

function expectSaid(
  input: ConfigInput,
  { index, name, gpus = [] }: Runtime,
  seen: ReadonlyMap<string, readonly string[]>,
): void {
  const { config, state } = pathsOf(input);
  const definition = `${config}/runtime-${index}.vm.json`;
  const directory = `${state}/runtime-${index}`;
  const of = (key: string) =>
    (seen.get(key) ?? []).map((line) => line.replace(/ \(.*\)$| untested$/, ''));
  const devices = gpus.map((gpu) => `vllmd-vfio@${gpu}.service`);
  expect({
    description: of('Description'),
    user: of('User'),
    bound: of('BindPaths'),
    writable: of('ReadWritePaths'),
    mounts: of('RequiresMountsFor')
      .filter((path) => path === definition || path === directory)
      .sort(),
    asserts: of('AssertPathExists').filter((path) => path === definition),
    readOnly: of('BindReadOnlyPaths')[0],
    devices: of('Requires')
      .filter((unit) => unit.startsWith('vllmd-vfio@'))
      .sort(),
  }).toEqual({
    description: [`vllmd runtime ${index}: ${name}`],
    user: [input.global.user],
    bound: [`${directory}:${directory}:rbind`],
    writable: [directory],
    mounts: [definition, directory].sort(),
    asserts: [definition],
    readOnly: `${definition}:${definition}:rbind`,
    devices: devices.sort(),
  });
}

/** A script that prints one value of a rendered file, and what it should print. */
type Question = { readonly script: string; readonly wanted: unknown };

function questionsOf(input: ConfigInput, artefact: Artefact): readonly Question[] {
  if (artefact.type !== 'file') return [];
  const ask = (variable: string, wanted: unknown) => [
    { script: `${artefact.text}printf '%s\\n' "$${variable}"\n`, wanted },
  ];
  if (artefact.path.startsWith('/etc/default/grub.d/')) {
    return ask('GRUB_CMDLINE_LINUX', expect.stringMatching(/^(?: [\w.]+=[\w.,:]+)+$/));
  }
  const runtime = input.runtimes?.find(({ index }) => index === artefact.group);
  return artefact.path.startsWith('/etc/vllmd/runtime-')
    ? ask('VLLMD_RUNTIME_NAME', runtime?.name)
    : [];
}

test('a shell reads the kernel parameters and the names out of rendered files', async () => {
  const questions: Question[] = [];
  for (const input of inputs) {
    const { artefacts } = await compose(input, describedHost());
    questions.push(...artefacts.flatMap((artefact) => questionsOf(input, artefact)));
  }
  const script = questions.map((question) => `GRUB_CMDLINE_LINUX=\n${question.script}`).join('');
  const read = execFileSync('sh', [], { input: script, encoding: 'utf8' }).split('\n').slice(0, -1);
  expect(read).toEqual(questions.map(({ wanted }) => wanted));
  expect(read.length).toBeGreaterThan(COUNT);
});
