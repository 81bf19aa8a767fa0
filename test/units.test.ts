import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { renderLlama } from '../src/core/kinds/llama-server/llama-server.ts';
import type { Artefact } from '../src/core/render/artefact.ts';
import { fixtureArtefacts, fixtureNames } from './support/fixtures.ts';
import { instancesOf, llamaCases } from './support/llama-host.ts';
import { tree, unitNames } from './support/unit-tree.ts';

/** Loads each unit once, and those that it names as well. */
const MODES = ['yes', 'no'] as const;
const required = process.env['CI'] !== undefined;
const hasAnalyze = spawnSync('systemd-analyze', ['--version']).status === 0;
const hasShellcheck = spawnSync('shellcheck', ['--version']).status === 0;

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(`${tmpdir()}/vllmd-units-`);
});
afterAll(() => rmSync(directory, { recursive: true }));

const valid: (readonly [string, readonly Artefact[]])[] = [];
for (const name of fixtureNames()) {
  const artefacts = await fixtureArtefacts(name);
  if (artefacts !== undefined) valid.push([name, artefacts]);
}

const ofInstances: (readonly [string, readonly Artefact[]])[] = Object.entries(llamaCases).map(
  ([name, { text, context }]) => [name, renderLlama(instancesOf(text), context)],
);

test('systemd-analyze is there, or this machine is not CI', () => {
  expect(hasAnalyze || !required).toBe(true);
  expect(hasShellcheck || !required).toBe(true);
});

test.skipIf(!hasAnalyze).for([...valid, ...ofInstances])(
  'systemd has nothing to say about any unit of %s',
  ([name, artefacts]) => {
    const root = tree(`${directory}/${name}`, artefacts);
    const units = unitNames(artefacts);
    for (const mode of MODES) {
      const result = spawnSync(
        'systemd-analyze',
        [
          'verify',
          '--man=no',
          '--generators=no',
          `--recursive-errors=${mode}`,
          `--root=${root}`,
          ...units,
        ],
        { encoding: 'utf8' },
      );
      expect({ mode, output: result.stdout + result.stderr, status: result.status }).toEqual({
        mode,
        output: '',
        status: 0,
      });
    }
  },
);

test.skipIf(!hasAnalyze)('a unit that does not fit is found by the same check', () => {
  const [, artefacts] = valid.find(([name]) => name === 'contract-example') ?? ['', []];
  const broken = artefacts.map((artefact) =>
    artefact.type === 'file' && artefact.kind === 'dropin'
      ? { ...artefact, text: `${artefact.text}Restrat=always\n` }
      : artefact,
  );
  const root = tree(`${directory}/broken`, broken);
  const result = spawnSync(
    'systemd-analyze',
    ['verify', '--man=no', '--recursive-errors=no', `--root=${root}`, 'vllmd-runtime@1.service'],
    { encoding: 'utf8' },
  );
  expect(result.stderr).toMatch(/Unknown key (name )?'Restrat'/);
  expect(result.status).toBe(1);
});

test.skipIf(!hasAnalyze)('the unit of a VM has an exposure of at most 3.0', () => {
  const [, artefacts] = valid.find(([name]) => name === 'contract-example') ?? ['', []];
  const root = tree(`${directory}/security`, artefacts);
  const result = spawnSync(
    'systemd-analyze',
    [
      'security',
      '--offline=true',
      '--threshold=30',
      `--root=${root}`,
      '--no-pager',
      'vllmd-runtime@1.service',
    ],
    { encoding: 'utf8' },
  );
  expect({ status: result.status, output: result.status === 0 ? '' : result.stdout }).toEqual({
    status: 0,
    output: '',
  });
});

test.skipIf(!hasAnalyze)('the unit of an instance has an exposure of at most 3.0', () => {
  const [, artefacts] = ofInstances.find(([name]) => name === 'everything') ?? ['', []];
  const root = tree(`${directory}/llama-security`, artefacts);
  const result = spawnSync(
    'systemd-analyze',
    [
      'security',
      '--offline=true',
      '--threshold=30',
      `--root=${root}`,
      '--no-pager',
      'vllmd-llama@small.service',
    ],
    { encoding: 'utf8' },
  );
  expect({ status: result.status, output: result.status === 0 ? '' : result.stdout }).toEqual({
    status: 0,
    output: '',
  });
});

test.skipIf(!hasShellcheck)('shellcheck has nothing to say about any rendered script', () => {
  const scripts = new Map(
    [...valid, ...ofInstances].flatMap(([, artefacts]) =>
      artefacts.flatMap((artefact) =>
        artefact.type === 'file' && artefact.kind === 'script'
          ? [[artefact.path, artefact.text] as const]
          : [],
      ),
    ),
  );
  expect([...scripts.keys()].sort()).toEqual([
    '/etc/vllmd/libexec/booted',
    '/etc/vllmd/libexec/device-access',
    '/etc/vllmd/libexec/disk',
    '/etc/vllmd/libexec/hugepages',
    '/etc/vllmd/libexec/llama-health',
    '/etc/vllmd/libexec/llama-log',
    '/etc/vllmd/libexec/network',
    '/etc/vllmd/libexec/power-off',
    '/etc/vllmd/libexec/tap',
    '/etc/vllmd/libexec/vfio-bind',
    '/etc/vllmd/libexec/vfio-common',
    '/etc/vllmd/libexec/vfio-early',
    '/etc/vllmd/libexec/vfio-release',
    '/etc/vllmd/libexec/wait-for-api',
  ]);
  for (const text of scripts.values()) {
    expect(execFileSync('shellcheck', ['-'], { input: text, encoding: 'utf8' })).toBe('');
  }
});
