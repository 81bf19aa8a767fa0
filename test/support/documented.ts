import { EventEmitter } from 'node:events';
import { noteInterrupts } from '../../src/host/interrupts.ts';
import { createMemoryHost } from '../../src/host/memory-host.ts';
import type { World } from '../../src/host/world.ts';
import { type Answer, call, healthy } from './call.ts';
import { codeBlocks, readText } from './doc-lines.ts';
import { faulty } from './faulty-host.ts';
import { description } from './fixtures.ts';
import { llamaHost } from './llama-host.ts';
import { type Simulation, simulatedHost } from './systemd.ts';

/** The first config of the README, which the lines below it are about. */
const config =
  codeBlocks(readText('README.md')).find(({ language }) => language === 'toml')?.body ?? '';
const more = config.replace('memory_gb = 64', 'memory_gb = 96');

const PATH = '/etc/vllmd/config.toml';
const rootFile = { mode: 0o644, uid: 0, gid: 0 };

/** A host as section 1 of the README makes it, with a config at its usual place and in the current directory. */
async function configured(): Promise<Simulation> {
  return firstHost({ [PATH]: config, '/vllmd.toml': config });
}

function firstHost(files: Readonly<Record<string, string>>): Simulation {
  const gpu = { id: '10de:2330', subsystem: '10de:16c1', class: '030200', reset: 'flr bus' };
  return simulatedHost({
    description: {
      accounts: ['vllm:x:998:998::/home/vllm:/bin/sh'],
      groups: ['vllm:x:998:', 'kvm:x:110:'],
      pci: [1, 2, 3].map((bus) => ({ ...gpu, address: `0000:0${bus}:00.0`, group: 10 + bus })),
      files: { '/home/vllm/.profile': '', ...files },
    },
  });
}

/** The same host before there is a config. */
async function fresh(): Promise<Simulation> {
  const machine = await configured();
  for (const path of [PATH, '/vllmd.toml']) await machine.host.remove(path);
  return machine;
}

async function writeConfig(machine: Simulation, text: string): Promise<void> {
  for (const path of [PATH, '/vllmd.toml']) await machine.host.write(path, text, rootFile);
}

async function installed(): Promise<Simulation> {
  return having(await configured(), ['install']);
}

async function having(
  machine: Simulation,
  ...lines: readonly (readonly string[])[]
): Promise<Simulation> {
  for (const argv of lines) await healthy(machine, argv);
  return machine;
}

/** Installed, and the config asks for more since. */
async function edited(): Promise<Simulation> {
  const machine = await installed();
  await writeConfig(machine, more);
  return machine;
}

/** Four installs in turn of two configs. */
async function oftenInstalled(): Promise<Simulation> {
  const machine = await installed();
  for (const text of [more, config, more]) {
    await writeConfig(machine, text);
    await healthy(machine, ['install']);
  }
  return machine;
}

async function withUnknownKey(): Promise<Simulation> {
  const machine = await configured();
  await writeConfig(machine, config.replace('cpus = 8', 'cpus = 8\nthreads = 2'));
  return machine;
}

/** A host with two NUMA nodes, and every table of version 2. */
async function withTwoNodes(): Promise<Simulation> {
  const text = readText('fixtures/version-2/vllmd.toml');
  const { files, ...described } = description('version-2');
  return simulatedHost({ description: { ...described, files: { ...files, '/vllmd.toml': text } } });
}

/** An install of the edited config was killed in its middle. */
async function cutOff(): Promise<Simulation> {
  const machine = await edited();
  const counting = faulty(machine.fork().host, -1, undefined);
  await healthy(machine.fork(), ['install'], { host: counting });
  const at = counting.operations.findIndex((operation) => /restart/.test(operation));
  const host = faulty(machine.host, at, 'dies-before');
  await call(machine, ['install'], { host });
  if (!host.hasDied()) throw new Error('the install was not cut off');
  return machine;
}

async function waiting(): Promise<Simulation> {
  return having(await edited(), ['install', '--confirm-within', '10m']);
}

async function planned(): Promise<Simulation> {
  return having(await edited(), ['install', '--dry-run', '--plan-out', 'plan.json']);
}

async function recorded(): Promise<Simulation> {
  const machine = await configured();
  const { out } = await healthy(machine, ['facts']);
  await machine.host.write('/facts.json', out, rootFile);
  return machine;
}

export type Trial = {
  /** Makes the host that the line is meant for. */
  readonly on: () => Promise<Simulation>;
  /** 0 where it is left out. */
  readonly code?: number;
  /** What it prints, on stdout or stderr. */
  readonly says: RegExp;
  readonly env?: Readonly<Record<string, string>>;
  /** A file of the host that is there afterwards. */
  readonly writes?: string;
  /** What another command says of the host afterwards. */
  readonly after?: readonly [line: string, says: RegExp];
};

/** A host with llama.cpp, and the file of the document about it in the current directory. */
async function withLlama(): Promise<Simulation> {
  const text = codeBlocks(readText('docs/llama.md')).find(({ language }) => language === 'toml');
  const files = {
    ...llamaHost.files,
    '/srv/models/small.gguf': '',
    '/llama.toml': text?.body ?? '',
  };
  return simulatedHost({ description: { ...llamaHost, files } });
}

async function llamaInstalled(): Promise<Simulation> {
  return having(await withLlama(), ['llama', 'install', '--config', 'llama.toml']);
}

async function llamaInstalledTwice(): Promise<Simulation> {
  const machine = await llamaInstalled();
  const entry = machine.entries.get('/llama.toml');
  const text = entry?.type === 'file' ? entry.text : '';
  await machine.host.write('/llama.toml', text.replace('8080', '8090'), rootFile);
  return having(machine, ['llama', 'install', '--config', 'llama.toml']);
}

const planOfAll = /^Plan: 72 to create, 0 to change, 0 to delete/m;
const planOfMore = /^Plan: 0 to create, 4 to change, 0 to delete; .* 1 to restart/m;
const planOfNone = /^Plan: 0 to create, 0 to change, 72 to delete/m;
const asInstalled = ['vllmd verify', /^as installed: generation \d/m] as const;
const notInstalled = ['vllmd status', /^vllmd has installed nothing here$/m] as const;
const valid = /vllmd\.toml: valid, 2 runtimes|config\.toml: valid, 2 runtimes/;

/** How each line of the documents and of the examples that calls vllmd is tried: as root, without sudo and redirection. */
export const trials: Readonly<Record<string, Trial>> = {
  // Here is nobody to ask: test/init-terminal.test.ts has a terminal.
  'vllmd init': { on: fresh, code: 64, says: /there is no terminal here[\s\S]*add --yes/ },
  'vllmd init --output -': { on: fresh, says: /^schema_version = 2$/m },
  'vllmd init --facts facts.json --yes --output new.toml': {
    on: recorded,
    says: /new\.toml: written, 3 runtimes/,
  },
  'vllmd init --yes': { on: fresh, says: /config\.toml: written, 3 runtimes/, writes: PATH },
  'vllmd validate /etc/vllmd/config.toml': { on: configured, says: valid },
  'vllmd validate vllmd.toml': { on: configured, says: valid },
  'vllmd validate --lenient vllmd.toml': { on: withUnknownKey, says: /warning\[unknown-key\]/ },
  'vllmd schema': { on: configured, says: /"\$id": "urn:vllmd:hypervisor-config:2"/ },
  'vllmd schema --schema-version 1': {
    on: configured,
    says: /"\$id": "urn:vllmd:hypervisor-config:1"/,
  },
  'vllmd migrate --dry-run vllmd.toml': { on: configured, says: /^\+schema_version = 2$/m },
  'vllmd render --config vllmd.toml --out tree': {
    on: configured,
    says: /^\d+ files written below tree$/m,
  },
  'vllmd install --dry-run': { on: configured, says: planOfAll },
  'vllmd install': { on: edited, says: planOfMore, after: asInstalled },
  'vllmd install --confirm-within 10m': {
    on: edited,
    says: /run `sudo vllmd confirm` within 10m, else generation 1 comes back/,
    after: ['vllmd status', /vllmd confirm/],
  },
  'vllmd install --dry-run --plan-out plan.json': {
    on: edited,
    says: /the plan is saved: `sudo vllmd install --plan plan.json` carries it out/,
    writes: '/plan.json',
  },
  'vllmd install --plan plan.json': { on: planned, says: planOfMore, after: asInstalled },
  'vllmd install --dry-run --facts facts.json': { on: recorded, says: planOfAll },
  'vllmd confirm': { on: waiting, says: /^confirmed: it stays$/m, after: asInstalled },
  'vllmd uninstall --dry-run': { on: installed, says: planOfNone, after: asInstalled },
  'vllmd uninstall': { on: installed, says: planOfNone, after: notInstalled },
  'vllmd uninstall --purge-data': { on: installed, says: planOfNone, after: notInstalled },
  'vllmd rollback --dry-run': { on: oftenInstalled, says: planOfMore, after: asInstalled },
  'vllmd rollback': {
    on: oftenInstalled,
    says: /^generation 5 is in place, as generation 3 was$/m,
  },
  'vllmd rollback 3': {
    on: oftenInstalled,
    says: /^generation 5 is in place, as generation 3 was$/m,
  },
  'vllmd rollback 0': { on: oftenInstalled, says: planOfNone, after: notInstalled },
  'vllmd recover': {
    on: cutOff,
    says: /^an earlier install was cut off\nundone: runtime 1 as in generation 1$/m,
    after: ['vllmd recover', /^nothing to recover$/m],
  },
  'vllmd status': { on: installed, says: /^2 +second +running/m },
  'vllmd status --watch 10s': { on: installed, says: /^2 +second +running/m },
  'vllmd status --watch --json': { on: installed, says: /^\{"format_version":.*\}$/m },
  'vllmd verify': { on: edited, code: 2, says: /^changes-pending: \/etc\/vllmd\/config\.toml/m },
  'vllmd history': { on: oftenInstalled, says: /^4 .* install +1, 2 +1 /m },
  'vllmd precheck': { on: configured, says: /^READY: /m },
  'vllmd precheck --facts facts.json': { on: recorded, says: /^READY: /m },
  'vllmd explain /etc/vllmd/network.env': { on: configured, says: /default_interface/ },
  'vllmd explain /etc/vllmd/network.env:4': { on: configured, says: /^from /m },
  'vllmd explain vllmd-runtime@1.service': { on: configured, says: /runtimes\[0\]\.gpus/ },
  "vllmd explain 'runtimes[0].memory_gb'": { on: configured, says: /runtime-1\.vm\.json/ },
  'vllmd explain /home/sdake/.config/vllmd/runtime-1.vm.json:84': {
    on: withTwoNodes,
    env: { VLLMD_HYPERVISOR_CONFIG: 'vllmd.toml' },
    says: /"host_numa_node": 0/,
  },
  'vllmd explain gpu-assigned-once': { on: configured, says: /error\[gpu-assigned-once\]: / },
  'vllmd explain --rules': {
    on: configured,
    says: /^ {2}index-unique +Each runtime has an index/m,
  },
  'vllmd topology': { on: configured, says: /0000:01:00\.0 +GPU .* runtime 1 \(first\)/ },
  'vllmd topology --svg host.svg': { on: configured, says: /written/, writes: '/host.svg' },
  'vllmd facts': { on: configured, says: /"kind": "vllmd-facts"/ },
  'vllmd disk reset 1': {
    on: installed,
    code: 64,
    says: /1\. stop vllmd-runtime@1\.service[\s\S]*help: add --yes/,
  },
  'vllmd disk reset 1 --yes': { on: installed, says: /copying the base image for runtime 1/ },
  'vllmd llama validate llama.toml': {
    on: withLlama,
    says: /^llama\.toml: valid, 1 instance$/m,
  },
  'vllmd llama resolve --config llama.toml': { on: withLlama, says: /"final_server": \[/ },
  // test/llama/export.test.ts gives the presets to a router.
  'vllmd llama export -c llama.toml --format llama-server-presets': {
    on: withLlama,
    says: /^\[small\]$/m,
  },
  'vllmd llama export --config llama.toml --format llama-swap': {
    on: withLlama,
    says: /^ {4}cmd: "llama-server .*--port 8080/m,
  },
  'vllmd llama schema': { on: withLlama, says: /"title": "llama\.cpp instances"/ },
  // test/llama/run.test.ts and test/llama/run-real.test.ts start servers.
  'vllmd llama run --config llama.toml': {
    on: withLlama,
    code: 6,
    env: { PATH: '/nowhere' },
    says: /^error: nothing is started: llama-server is in no directory of PATH \(\/nowhere\)$/m,
  },
  'vllmd llama run --wait --boot': { on: withLlama, says: /^$/ },
  'vllmd llama install --config llama.toml --dry-run': {
    on: withLlama,
    says: /^ +\d+\. +start vllmd-llama@small\.service/m,
  },
  'vllmd llama install --config llama.toml': {
    on: withLlama,
    says: /^generation 1 is in place$/m,
    after: ['vllmd llama verify', /^as installed: generation 1$/m],
  },
  'vllmd llama status': { on: llamaInstalled, says: /^small +active \(running\)/m },
  'vllmd llama verify': { on: llamaInstalled, says: /^as installed: generation 1$/m },
  'vllmd llama history': { on: llamaInstalledTwice, says: /^2 .* install +small +small/m },
  'vllmd llama rollback --dry-run': {
    on: llamaInstalledTwice,
    says: /restart vllmd-llama@small\.service/,
  },
  'vllmd llama rollback': {
    on: llamaInstalledTwice,
    says: /^generation 3 is in place, as generation 1 was$/m,
  },
  'vllmd llama recover': { on: llamaInstalled, says: /^nothing to recover$/m },
  'vllmd llama uninstall --dry-run': {
    on: llamaInstalled,
    says: /stop vllmd-llama@small\.service/,
  },
  'vllmd llama uninstall': {
    on: llamaInstalled,
    says: /^what vllmd has installed is removed$/m,
  },
  'vllmd llama render --config llama.toml --out units': {
    on: withLlama,
    says: /^\d+ files written below units$/m,
  },
  'vllmd completion bash': { on: configured, says: /^complete -F _vllmd vllmd$/m },
  'vllmd completion zsh': { on: configured, says: /^#compdef vllmd$/m },
  'vllmd completion fish': { on: configured, says: /^complete -c vllmd -f$/m },
};

/** Does on its host what a line says, as root. */
export function tryLine(
  machine: Simulation,
  line: string,
  env: Trial['env'] = {},
): Promise<Answer> {
  // The tree that `render` writes is another place than the host.
  const tree = createMemoryHost({ entries: new Map() });
  const treeHost = (root: string) => (root === '' ? machine.host : tree);
  const [, ...argv] = (line.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replaceAll("'", ''));
  const world = { treeHost, env, ...(line.includes('--watch') ? endedBySignal() : {}) };
  return call(machine, argv, { world });
}

/** By Ctrl-C, as soon as something is shown: no key is read where stdout is no terminal. */
function endedBySignal(): Pick<World, 'interrupts' | 'wait'> {
  const signals = new EventEmitter();
  return {
    interrupts: () => noteInterrupts(signals),
    wait: async () => void signals.emit('SIGINT', 'SIGINT'),
  };
}
