import { readFileSync } from 'node:fs';
import { FIXTURES } from './fixtures.ts';
import type { Simulation } from './systemd.ts';

/** One change of a host, and how its parts hang together. */
export type Scenario = {
  readonly name: string;
  /** Commands, and what others did, that made the host what it is before. */
  readonly before: readonly (readonly string[] | ((machine: Simulation) => Promise<void>))[];
  readonly command: readonly string[];
  /** Commands that lead to the same state from wherever a host is; all but the last may find nothing to do. */
  readonly converge: readonly (readonly string[])[];
  /** Indices, or `shared`, that change together; every other one changes alone. */
  readonly together: readonly (readonly string[])[];
  /** What does not fit together afterwards, as the command says. */
  readonly leaves?: readonly string[];
  /** What is wrong with a host whenever somebody looks, beside mixtures. */
  readonly holds?: (machine: Simulation) => readonly string[];
  /** The same of a host that has recovered, from a death or from an end that was told. */
  readonly settled?: (machine: Simulation, hasDied: boolean) => readonly string[];
  /** Of the command when nothing else goes wrong; 0 where it is left out. */
  readonly exitCode?: number;
  /** VMs that do not come up, by their definition. */
  readonly failsToStart?: (vmDefinition: string) => boolean;
};

const text = (name: string) => readFileSync(`${FIXTURES}${name}/vllmd.toml`, 'utf8');
const example = text('contract-example');

/** Runtime 1 with more memory, runtime 2 dropped, and its GPU at a new runtime 3. */
const mixed = example
  .replace('memory_gb = 32', 'memory_gb = 48')
  .replace('index = 2', 'index = 3')
  .replace('"runtime-2"', '"runtime-3"');

/** By the path that a command names it with. */
export const configs: ReadonlyMap<string, string> = new Map([
  ['/example.toml', example],
  ['/memory.toml', text('memory-changed')],
  ['/bridge.toml', text('bridge-renamed')],
  ['/fewer.toml', text('runtime-dropped')],
  ['/moved.toml', text('gpu-moved')],
  ['/mixed.toml', mixed],
]);

function install(config: string): readonly string[] {
  return ['install', '--config', config, '--settle', '0'];
}

const installed = [install('/example.toml')];

function change(name: string, config: string, together: Scenario['together']): Scenario {
  const command = install(config);
  return { name, before: installed, command, converge: [command], together };
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'create',
    before: [],
    command: install('/example.toml'),
    converge: [install('/example.toml')],
    together: [],
  },
  change('update', '/memory.toml', []),
  change('shared update', '/bridge.toml', [['1', '2', 'shared']]),
  change('remove', '/fewer.toml', [['2', 'shared']]),
  change('hand-over', '/moved.toml', [['1', '2', 'shared']]),
  {
    ...change('update that does not start', '/memory.toml', []),
    exitCode: 4,
    failsToStart: (vm) => vm.includes(`"size": ${24 * 2 ** 30}`),
  },
  {
    ...change('hand-over that does not start', '/moved.toml', [['1', '2', 'shared']]),
    exitCode: 4,
    failsToStart: (vm) => vm.includes('0000:01:00.0') && vm.includes('0000:02:00.0'),
  },
  change('mixed', '/mixed.toml', [['2', '3', 'shared']]),
  {
    name: 'uninstall',
    before: installed,
    command: ['uninstall'],
    converge: [['uninstall']],
    together: [['1', '2', 'shared']],
  },
  {
    name: 'rollback',
    before: [install('/memory.toml'), install('/bridge.toml')],
    command: ['rollback', '--settle', '0'],
    converge: [install('/memory.toml')],
    together: [['1', '2', 'shared']],
  },
];
