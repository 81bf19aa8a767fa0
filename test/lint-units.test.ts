import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Change } from '../src/core/plan/change.ts';
import { absent } from '../src/core/plan/observed.ts';
import { touchedUnits } from '../src/core/plan/touched-units.ts';
import type { Artefact } from '../src/core/render/artefact.ts';
import type { CommandResult, Host } from '../src/host/host.ts';
import { lintUnits } from '../src/host/lint-units.ts';
import { createLocalHost } from '../src/host/local-host.ts';
import { fixtureArtefacts, fixtureNames } from './support/fixtures.ts';
import { describedHost } from './support/world.ts';

const hasAnalyze = spawnSync('systemd-analyze', ['--version']).status === 0;
const example = (await fixtureArtefacts('contract-example')) ?? [];
const units = '/etc/systemd/system';

let root = '';
let calls: string[][] = [];
beforeEach(() => {
  root = mkdtempSync(`${tmpdir()}/vllmd-lint-`);
  mkdirSync(`${root}/run`);
  calls = [];
});
afterEach(() => rmSync(root, { recursive: true }));

/** A tree of its own, which the real systemd-analyze looks at. */
function host(): Host {
  const uid = process.geteuid?.() ?? 0;
  const query = async (argv: readonly string[]): Promise<CommandResult> => {
    const [file = '', ...args] = argv.map((word) => word.replace('--root=', `--root=${root}`));
    calls.push([file, ...args]);
    const env = { ...process.env, LC_ALL: 'C' };
    const { status, stdout, stderr } = spawnSync(file, args, { encoding: 'utf8', env });
    return { exitCode: status ?? 126, stdout, stderr: stderr.replaceAll(root, '') };
  };
  return { ...createLocalHost({ root, uid, setsOwner: false }), query };
}

function created(artefacts: readonly Artefact[]): readonly Change[] {
  return artefacts.map((after) => ({
    verb: 'create',
    type: after.type,
    path: after.path,
    group: after.group,
    reason: '',
    before: absent,
    after,
    sensitive: false,
  }));
}

const clean = { problems: [], refusals: [], warnings: [] };

function touched(artefacts: readonly Artefact[]): readonly string[] {
  return touchedUnits(artefacts, created(artefacts));
}

function edited(path: string, line: string): readonly Artefact[] {
  return example.map((artefact) =>
    artefact.type === 'file' && artefact.path === path
      ? { ...artefact, text: `${artefact.text}${line}\n` }
      : artefact,
  );
}

test.skipIf(!hasAnalyze)('systemd has nothing to say about the units of any fixture', async () => {
  for (const name of fixtureNames()) {
    const artefacts = (await fixtureArtefacts(name)) ?? [];
    const found = await lintUnits(host(), { artefacts, units: touched(artefacts), dropIns: [] });
    expect({ name, found }).toEqual({ name, found: clean });
  }
});

test.skipIf(!hasAnalyze).for([
  [`${units}/vllmd-runtime@1.service.d/10-vllmd.conf`, 'Restrat=always', 'Service'],
  [`${units}/vllmd-runtime@.service`, 'WantdBy=x', 'Install'],
  [`${units}/vllmd-runtime-pre-start@2.service.d/10-vllmd.conf`, 'Afetr=x', 'Unit'],
  [`${units}/vllmd-vfio@.service`, 'Restrat=no', 'Service'],
  [`${units}/vllmd-network.service`, 'Restrat=no', 'Service'],
  [`${units}/vllmd.slice`, 'MemoryMix=1', 'Slice'],
  [`${units}/vllmd.target`, 'WantdBy=x', 'Install'],
] as const)(
  'a wrong key in %s is told with its line, and nothing stays in the stage',
  async ([path, line, section]) => {
    const artefacts = edited(path, section === 'Slice' ? `[Slice]\n${line}` : line);
    const changed = created(artefacts).filter((change) => change.path === path);
    const found = await lintUnits(host(), {
      artefacts,
      units: touchedUnits(artefacts, changed),
      dropIns: [],
    });
    const [key] = line.split('=');
    expect(found?.warnings).toEqual([]);
    expect(found?.problems).toHaveLength(1);
    expect(found?.problems[0]?.startsWith(`${path}:`)).toBe(true);
    expect(found?.problems[0]).toContain(`'${key}' in section [${section}]`);
    expect(found?.problems[0]).not.toContain('/stage');
    expect(readdirSync(`${root}/run/vllmd`)).toEqual([]);
  },
);

test.skipIf(!hasAnalyze)('a unit that systemd would refuse is told by its name', async () => {
  const path = `${units}/vllmd-runtime@2.service.d/10-vllmd.conf`;
  const artefacts = edited(path, 'ExecStart=');
  const found = await lintUnits(host(), { artefacts, units: touched(artefacts), dropIns: [] });
  expect(found?.problems.join('\n')).toContain(
    'vllmd-runtime@2.service: Service has no ExecStart= setting',
  );
});

test.skipIf(!hasAnalyze)('units together give the same lines as one after the other', async () => {
  const changes = [
    [`${units}/vllmd-runtime@1.service.d/10-vllmd.conf`, 'Restrat=always'],
    [`${units}/vllmd-runtime@2.service.d/10-vllmd.conf`, 'ExecStart='],
    [`${units}/vllmd-vfio@.service`, 'Restart=sometimes'],
    [`${units}/vllmd-network.service`, 'no key at all'],
    [`${units}/vllmd.target`, '[Nonsense]'],
  ] as const;
  const artefacts = changes.reduce<readonly Artefact[]>(
    (list, [path, line]) =>
      list.map((artefact) => (artefact.path === path ? withLine(artefact, line) : artefact)),
    example,
  );
  const all = created(artefacts);
  const together = await lintUnits(host(), {
    artefacts,
    units: touchedUnits(artefacts, all),
    dropIns: [],
  });
  const alone = new Set<string>();
  for (const change of all) {
    const found = await lintUnits(host(), {
      artefacts,
      units: touchedUnits(artefacts, [change]),
      dropIns: [],
    });
    for (const line of found?.problems ?? []) alone.add(line);
  }
  expect(together?.problems.length).toBeGreaterThanOrEqual(changes.length);
  expect([...(together?.problems ?? [])].sort()).toEqual([...alone].sort());
});

function withLine(artefact: Artefact, line: string): Artefact {
  return artefact.type === 'file' ? { ...artefact, text: `${artefact.text}${line}\n` } : artefact;
}

test.skipIf(!hasAnalyze)(
  "a mistake in an operator's drop-in is a warning that names it, one that keeps a unit from starting a refusal",
  async () => {
    const own = [
      { path: `${units}/vllmd-runtime@1.service.d/50-own.conf`, text: '[Service]\nRestrat=no\n' },
      { path: `${units}/vllmd-vfio@0000:02:00.0.service.d/own.conf`, text: '[Unit]\nAfetr=x\n' },
      { path: '/run/systemd/system/vllmd-.service.d/b.conf', text: '[Service]\nExecStart=\n' },
      {
        path: `${units}/vllmd-runtime@2.service.d/ok.conf`,
        text: '[Service]\nExecStopPost=/x y\n',
      },
    ];
    const found = await lintUnits(host(), {
      artefacts: example,
      units: touched(example),
      dropIns: own,
    });
    expect(found?.problems).toEqual([]);
    const warnings = found?.warnings.join('\n') ?? '';
    for (const { path } of own.slice(0, 2)) expect(warnings).toContain(`${path}:2: Unknown key`);
    expect(warnings).not.toContain('ExecStart');
    const refused = '/run/systemd/system/vllmd-.service.d/b.conf';
    const own1 = `${units}/vllmd-runtime@1.service.d/50-own.conf`;
    expect(found?.refusals).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^vllmd-runtime@1\.service: .*no ExecStart=.* Refusing/),
        `Unit vllmd-runtime@1.service has a bad unit file setting. (with ${own1}, ${refused})`,
      ]),
    );
    expect(warnings).not.toContain('/x');
  },
);

test.skipIf(!hasAnalyze)('what a killed run has left in the stage is swept away', async () => {
  const stage = `${root}/run/vllmd/stage`;
  mkdirSync(`${stage}${units}`, { recursive: true });
  writeFileSync(`${stage}${units}/vllmd.slice`, 'garbage');
  writeFileSync(`${stage}/old`, '');
  const found = await lintUnits(host(), {
    artefacts: example,
    units: touched(example),
    dropIns: [],
  });
  expect(found).toEqual(clean);
  expect(existsSync(stage)).toBe(false);
});

test.skipIf(!hasAnalyze)('the units of 300 runtimes are asked about in two calls', async () => {
  const template = example.filter(({ group }) => group === 'shared');
  const one = example.filter(
    ({ group, path }) => group === 2 && path.endsWith('.service.d/10-vllmd.conf'),
  );
  const many = Array.from({ length: 300 }, (_, index) =>
    one.map((artefact) => ({
      ...artefact,
      group: index,
      path: artefact.path.replace('@2', `@${index}`),
    })),
  ).flat();
  const artefacts = [...template, ...many];
  const found = await lintUnits(host(), { artefacts, units: touched(artefacts), dropIns: [] });
  expect(found).toEqual(clean);
  expect(calls.map((argv) => argv[1])).toEqual(['--version', 'verify', 'verify']);
});

test('where there is no systemd-analyze nothing is staged, and nothing is known', async () => {
  const bare = describedHost();
  const input = { artefacts: example, units: touched(example), dropIns: [] };
  expect(await lintUnits(bare, input)).toBeUndefined();
  expect([...bare.entries.keys()].filter((path) => path.startsWith('/run/vllmd'))).toEqual([]);
});

test('a stage that cannot be written says so, and that nothing was changed', async () => {
  const full: Host = {
    ...describedHost(),
    query: async () => ({ exitCode: 0, stdout: '', stderr: '' }),
    write: () => Promise.reject(new Error('ENOSPC: no space left on device')),
  };
  const input = { artefacts: example, units: touched(example), dropIns: [] };
  await expect(lintUnits(full, input)).rejects.toMatchObject({
    exit: 'unexpected',
    message: 'cannot check the units: ENOSPC: no space left on device',
    hint: expect.stringContaining('nothing was changed'),
  });
});

test('an install that touches no unit asks nothing', async () => {
  const input = { artefacts: example, units: [], dropIns: [] };
  expect(await lintUnits(host(), input)).toEqual(clean);
  expect(calls).toEqual([]);
});
