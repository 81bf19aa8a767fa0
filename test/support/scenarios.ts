import { readFileSync } from 'node:fs';
import { hostLayer, type Layer, llamaLayer } from '../../src/core/resolve/layer.ts';
import { FIXTURES } from './fixtures.ts';
import { twoInstances } from './llama-host.ts';
import type { Simulation } from './systemd.ts';

/** One change of a host, and how its parts hang together. */
export type Scenario = {
  readonly name: string;
  /** Whose command it is; that of the VMs where it is left out. */
  readonly layer?: Layer;
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
  /** VMs that do not come up, by their definition, and instances, by their drop-in. */
  readonly failsToStart?: (text: string) => boolean;
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
  ['/two-llamas.toml', twoInstances()],
  ['/changed-llama.toml', twoInstances('ctx_size = 4096\n')],
  ['/one-llama.toml', twoInstances().replace(/\[instance\.large[\s\S]*/, '')],
  ['/secret-llamas.toml', twoInstances('', 'api_key = "sk-secret"\n')],
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

export function layerOf({ layer = hostLayer }: Pick<Scenario, 'layer'>): Layer {
  return layer;
}

/** A command of the layer of a scenario. */
export function inLayer(scenario: Pick<Scenario, 'layer'>, ...words: readonly string[]) {
  return [...layerOf(scenario).command.split(' ').slice(1), ...words];
}

function ofLlama(...words: readonly string[]): readonly string[] {
  return inLayer({ layer: llamaLayer }, ...words);
}

function installLlama(config: string): readonly string[] {
  return ofLlama(...install(config));
}

function llamaChange(name: string, config: string, more: Partial<Scenario> = {}): Scenario {
  const command = installLlama(config);
  const before = [installLlama('/two-llamas.toml')];
  return { layer: llamaLayer, name, before, command, converge: [command], together: [], ...more };
}

/** The same for llama.cpp instances. */
export const llamaScenarios: readonly Scenario[] = [
  llamaChange('create', '/two-llamas.toml', { before: [] }),
  llamaChange('update', '/changed-llama.toml'),
  llamaChange('remove', '/one-llama.toml'),
  llamaChange('secrets', '/secret-llamas.toml'),
  llamaChange('update that does not start', '/changed-llama.toml', {
    exitCode: 4,
    failsToStart: (dropIn) => dropIn.includes('--ctx-size'),
  }),
  {
    ...llamaChange('uninstall', '', { together: [['large', 'small', 'shared']] }),
    command: ofLlama('uninstall'),
    converge: [ofLlama('uninstall')],
  },
  {
    ...llamaChange('rollback', '/two-llamas.toml'),
    before: [installLlama('/two-llamas.toml'), installLlama('/changed-llama.toml')],
    command: ofLlama('rollback', '--settle', '0'),
  },
];
