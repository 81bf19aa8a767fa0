import { EventEmitter } from 'node:events';
import { noteInterrupts } from '../../src/host/interrupts.ts';
import { createMemoryHost } from '../../src/host/memory-host.ts';
import type { World } from '../../src/host/world.ts';
import { type Answer, call, healthy } from './call.ts';
import { codeBlocks, readText } from './doc-lines.ts';
import { fleetTrials } from './documented-fleet.ts';
import { hiveTrials } from './documented-hive.ts';
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

/** Hosts, backends and models in a file that is named in the environment, and in the current directory. */
async function withFleet(): Promise<Simulation> {
  const text = readText('fixtures/fleet-contract-2/runtimes.json');
  const machine = await configured();
  await machine.host.write('/runtimes.json', text, { ...rootFile, mode: 0o600 });
  return machine;
}

async function withFleetOff(): Promise<Simulation> {
  const machine = await withFleet();
  const entry = machine.entries.get('/runtimes.json');
  const text = entry?.type === 'file' ? entry.text : '';
  const off = text.replaceAll('"enabled": true', '"enabled": false');
  await machine.host.write('/runtimes.json', off, { ...rootFile, mode: 0o600 });
  return machine;
}

const inEnvironment = { VLLMD_RUNTIMES: '/runtimes.json' };
/** Nothing was started by this account. */
const stateful = { ...inEnvironment, XDG_STATE_HOME: '/nowhere' };

/** Beside it what entries are made from. */
async function withEntries(): Promise<Simulation> {
  const machine = await withFleet();
  const host = {
    ...{ id: 'gpu1', display_name: 'GPU 1', enabled: true, transport: 'local', connection: {} },
    capabilities: { gpu: [], backends: [] },
    health: { check_cmd: 'true' },
    model_control: { stop_cmd: 'true' },
  };
  const files = {
    '/gpu1.json': JSON.stringify(host),
    '/change.json': '{"display_name": "ROCm 7", "verify_cmd": "rocminfo"}',
    '/llama.toml': '[instance.small.server]\nmodel = "/srv/models/small.gguf"\nport = 8080\n',
  };
  for (const [path, text] of Object.entries(files)) await machine.host.write(path, text, rootFile);
  return machine;
}

/** With entries that no other names. */
async function withSpareEntries(): Promise<Simulation> {
  const machine = await withEntries();
  for (const line of [
    'hosts add --file runtimes.json --json-from gpu1.json',
    'backends add --file runtimes.json --id cuda --type cuda',
  ]) {
    await healthy(machine, line.split(' '));
  }
  return machine;
}

/** Hosts that are this machine only: what is run on them is run. */
async function withHostsHere(): Promise<Simulation> {
  const machine = await withFleet();
  const document = JSON.parse(readText('fixtures/fleet-contract-2/runtimes.json'));
  const [workstation] = document.hosts;
  const [vulkan] = document.backends;
  const [local] = document.models;
  const launch = { start_cmd: 'no-such-llama-server {port}', probe_cmd: 'test {port} = 8080' };
  const text = JSON.stringify({
    ...document,
    hosts: [workstation],
    backends: [{ ...vulkan, verify_cmd: 'true' }],
    models: [{ ...local, launch }],
  });
  await machine.host.write('/runtimes.json', text, { ...rootFile, mode: 0o600 });
  return machine;
}

const here = { ...inEnvironment, PATH: process.env['PATH'] ?? '' };

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
  ...fleetTrials,
  ...hiveTrials,
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
  'vllmd hosts': { on: withFleet, env: inEnvironment, says: /^lab-ssh .* 10\.0\.0\.10 +rocm$/m },
  'vllmd hosts list --json': {
    on: withFleet,
    env: inEnvironment,
    says: /"key_path": "\[REDACTED\]"/,
  },
  'vllmd hosts show lab-ssh': {
    on: withFleet,
    env: inEnvironment,
    says: /^connection\.port +22$/m,
  },
  'vllmd hosts validate --file runtimes.json': {
    on: withFleet,
    says: /^runtimes\.json is valid\.$/m,
  },
  'vllmd hosts schema': { on: withFleet, says: /"title": "Hosts, backends and models"/ },
  "vllmd hosts add --id gpu1 --host 10.0.0.11 --user ops --check-cmd nvidia-smi --stop-cmd 'systemctl stop llama-server'":
    { on: withFleet, env: inEnvironment, says: /^\/runtimes\.json: host gpu1 added$/m },
  'vllmd hosts add --json-from gpu1.json': {
    on: withEntries,
    env: inEnvironment,
    says: /: host gpu1 added$/m,
  },
  'vllmd hosts add --from-vllmd --config llama.toml --ssh ops@10.0.0.11 --sudo': {
    on: withEntries,
    env: inEnvironment,
    says: /: host 10-0-0-11 added\n.*: backend .* added\n.*: model small added$/m,
    after: ['vllmd hosts list --file runtimes.json', /^10-0-0-11 /m],
  },
  'vllmd hosts edit lab-ssh': {
    on: withFleet,
    env: inEnvironment,
    code: 64,
    says: /edit opens an editor, and there is no terminal here/,
  },
  'vllmd hosts edit lab-ssh --port 2222 --no-enabled': {
    on: withFleet,
    env: inEnvironment,
    says: /: host lab-ssh changed: enabled, connection\.port$/m,
  },
  'vllmd hosts remove gpu1 --yes': {
    on: withSpareEntries,
    env: inEnvironment,
    says: /: host gpu1 removed$/m,
  },
  'vllmd hosts test workstation': {
    on: withHostsHere,
    env: here,
    says: /^\[workstation\] OK \(exit=0\)$/m,
  },
  'vllmd hosts doctor': {
    on: withHostsHere,
    env: here,
    code: 4,
    says: /no-such-llama-server is not there/,
  },
  'vllmd backends doctor': {
    on: withHostsHere,
    env: here,
    says: /^Doctor: /m,
  },
  'vllmd backends doctor vulkan --json': {
    on: withHostsHere,
    env: here,
    says: /"check": "backend",/,
  },
  'vllmd models doctor': {
    on: withHostsHere,
    env: here,
    code: 4,
    says: /no-such-llama-server is not there/,
  },
  'vllmd models doctor qwen-local --json': {
    on: withHostsHere,
    env: here,
    code: 4,
    says: /"check": "program",\n +"state": "problem"/,
  },
  'vllmd hosts doctor workstation --json': {
    on: withHostsHere,
    env: here,
    code: 4,
    says: /"check": "program",\n +"state": "problem"/,
  },
  'vllmd backends add --id cuda --type cuda --hosts workstation --verify-cmd nvidia-smi --arg=-ngl --arg=99':
    { on: withFleet, env: inEnvironment, says: /: backend cuda added$/m },
  'vllmd backends edit rocm --json-from change.json': {
    on: withEntries,
    env: inEnvironment,
    says: /: backend rocm changed: display_name, verify_cmd$/m,
  },
  'vllmd backends remove cuda --yes': {
    on: withSpareEntries,
    env: inEnvironment,
    says: /: backend cuda removed$/m,
  },
  'vllmd backends test vulkan': {
    on: withHostsHere,
    env: here,
    says: /^\[vulkan\] host=workstation OK \(exit=0\)$/m,
  },
  "vllmd models add --id qwen --source /models/qwen.gguf --port 8080 --start-cmd 'llama-server --model {source} --port {port}' --probe-cmd 'curl -sf http://127.0.0.1:{port}/health'":
    { on: withFleet, env: inEnvironment, says: /: model qwen added$/m },
  'vllmd models edit qwen-local --port 8081': {
    on: withFleet,
    env: inEnvironment,
    says: /: model qwen-local changed: runtime_defaults\.port$/m,
  },
  'vllmd models remove qwen-remote --yes': {
    on: withFleet,
    env: inEnvironment,
    says: /: model qwen-remote removed$/m,
  },
  'vllmd models test qwen-local': {
    on: withHostsHere,
    env: here,
    says: /^\[qwen-local\] host=workstation OK \(exit=0\)$/m,
  },
  'vllmd backends': {
    on: withFleet,
    env: inEnvironment,
    says: /^rocm +ROCm +yes +rocm +lab-ssh$/m,
  },
  'vllmd backends list --json': { on: withFleet, env: inEnvironment, says: /"host_filters": \[/ },
  'vllmd backends show vulkan': { on: withFleet, env: inEnvironment, says: /^type +vulkan$/m },
  'vllmd backends validate --file runtimes.json': {
    on: withFleet,
    says: /^runtimes\.json is valid\.$/m,
  },
  'vllmd models': {
    on: withFleet,
    env: inEnvironment,
    says: /^qwen-local .* workstation +vulkan$/m,
  },
  'vllmd models list --json': { on: withFleet, env: inEnvironment, says: /"backend_policy": \[/ },
  'vllmd models show qwen-local': {
    on: withFleet,
    env: inEnvironment,
    says: /^runtime_defaults\.port +8080$/m,
  },
  'vllmd models validate --file runtimes.json': {
    on: withFleet,
    says: /^runtimes\.json is valid\.$/m,
  },
  'vllmd llama schema': { on: withLlama, says: /"title": "llama\.cpp instances"/ },
  // test/llama/run.test.ts and test/llama/run-real.test.ts start servers.
  'vllmd select --model qwen-local --dry-run': {
    on: withFleet,
    env: stateful,
    says: /^ {2}\[start_model\] Start model qwen-local on workstation/m,
  },
  // Nothing is started here: test/fleet/select.test.ts does.
  'vllmd select --model qwen-local': {
    on: withFleetOff,
    env: stateful,
    code: 6,
    says: /^Plan failed: .*qwen-local/m,
  },
  'vllmd select status': { on: withFleet, env: stateful, says: /^No active runtime\.$/m },
  'vllmd select status --check': { on: withFleet, env: stateful, says: /^No active runtime\.$/m },
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
  const world = { treeHost, env, ...endOf(line) };
  return call(machine, argv, { world });
}

/** What would go on for ever is ended. */
function endOf(line: string): Partial<Pick<World, 'interrupts' | 'wait'>> {
  if (line.includes('--watch')) return endedBySignal();
  const isLasting = /^vllmd hive (?:serve|agent)\b(?!.*--once)/.test(line);
  return isLasting ? endedAtOnce() : {};
}

/** By Ctrl-C, before it has begun: it does begin all the same. */
function endedAtOnce(): Pick<World, 'interrupts'> {
  const signals = new EventEmitter();
  return {
    interrupts: () => {
      setImmediate(() => signals.emit('SIGINT', 'SIGINT'));
      return noteInterrupts(signals);
    },
  };
}

/** By Ctrl-C, as soon as something is shown: no key is read where stdout is no terminal. */
function endedBySignal(): Pick<World, 'interrupts' | 'wait'> {
  const signals = new EventEmitter();
  return {
    interrupts: () => noteInterrupts(signals),
    wait: async () => void signals.emit('SIGINT', 'SIGINT'),
  };
}
