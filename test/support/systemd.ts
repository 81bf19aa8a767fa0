import type { Entry } from '../../src/core/plan/observed.ts';
import type { CommandResult, Host } from '../../src/host/host.ts';
import { createMemoryHost, type MemoryHost } from '../../src/host/memory-host.ts';
import { bootedText, variable } from './booted.ts';
import {
  type Definition,
  instanceOf,
  readDefinition,
  sourcesOf,
  textOf,
  valuesOf,
  wantedByLinks,
} from './unit-files.ts';
import { behaviourOf, describedHost, type HostDescription } from './world.ts';

type SimulatedUnit = {
  readonly active: 'active' | 'inactive' | 'failed' | 'activating';
  readonly sub: string;
  readonly result: string;
  readonly invocation: string;
  readonly pid: number;
  readonly gpus: readonly string[];
  /** A digest of what it was started or reloaded from: its definition, its environment and its program. */
  readonly from: string;
  /** Begin of its state, in seconds since 1970. */
  readonly since?: number;
  readonly restarts?: number;
  readonly memoryBytes?: number;
};

export type Simulation = {
  readonly host: Host;
  readonly entries: ReadonlyMap<string, Entry>;
  readonly units: ReadonlyMap<string, SimulatedUnit>;
  /** Units as systemd has read them. */
  readonly loaded: ReadonlyMap<string, Definition>;
  /** What must never happen to a VM or to a GPU, in words. */
  readonly violations: readonly string[];
  readonly commands: readonly (readonly string[])[];
  /** A unit has come into this state by itself. */
  readonly becomes: (unit: string, state: Partial<SimulatedUnit>) => void;
  /** Another machine that is just like this one. */
  readonly fork: () => Simulation;
  /** All that is below /run is gone, and nothing runs. */
  readonly reboot: () => void;
};

export type SimulationOptions = {
  readonly description?: HostDescription;
  /** VMs that do not come up, by their definition, and instances, by their drop-in. */
  readonly failsToStart?: (text: string) => boolean;
};

type State = {
  readonly units: Map<string, SimulatedUnit>;
  readonly loaded: Map<string, Definition>;
  readonly violations: string[];
  readonly commands: (readonly string[])[];
  starts: number;
};

const OK: CommandResult = { exitCode: 0, stdout: '', stderr: '' };
const dead: SimulatedUnit = {
  active: 'inactive',
  sub: 'dead',
  result: 'success',
  invocation: '',
  pid: 0,
  gpus: [],
  from: '',
};
const root = { uid: 0, gid: 0 };

/** A host in memory whose systemd is honest: it runs what it has read, not what lies on the disk by now. */
export function simulatedHost(options: SimulationOptions = {}): Simulation {
  const state: State = {
    units: new Map(),
    loaded: new Map(),
    violations: [],
    commands: [],
    starts: 0,
  };
  return simulation(describedHost(options.description), state, options);
}

function simulation(files: MemoryHost, state: State, options: SimulationOptions): Simulation {
  const systemd = new Systemd(files, state, options);
  const answer = async (argv: readonly string[]): Promise<CommandResult> => {
    if (argv[0] === 'systemctl') return systemd.call(argv.slice(1));
    if (argv[0] === 'systemd-analyze') return analyze(argv, files.entries);
    if (argv[0] === 'systemd-run') return systemd.runLater(argv);
    if (argv[0] === 'journalctl') return { ...OK, stdout: 'it said why\n' };
    return files.query(argv);
  };
  return {
    host: {
      ...files,
      read: async (path) => systemd.boundDriver(path) ?? files.read(path),
      query: answer,
      run: (argv) => {
        state.commands.push(argv);
        return answer(argv);
      },
    },
    entries: files.entries,
    ...state,
    becomes: (unit, value) => systemd.set(unit, { ...systemd.unit(unit), ...value }),
    fork: () => {
      const { description = {} } = options;
      const copy = createMemoryHost({ entries: files.entries, ...behaviourOf(description) });
      const { starts } = state;
      const [units, loaded] = [new Map(state.units), new Map(state.loaded)];
      return simulation(copy, { units, loaded, violations: [], commands: [], starts }, options);
    },
    reboot: () => {
      state.units.clear();
      state.loaded.clear();
      removeBelow(files, '/run/vllmd');
      removeBelow(files, '/run/vllmd-hugepages');
    },
  };
}

/** Only what systemd would refuse to load; of other mistakes it knows nothing. */
function analyze(argv: readonly string[], entries: ReadonlyMap<string, Entry>): CommandResult {
  const stage = argv.find((word) => word.startsWith('--root='))?.slice('--root='.length);
  if (argv[1] !== 'verify' || stage === undefined) return OK;
  const staged = new Map(
    [...entries].flatMap(([path, entry]) =>
      path.startsWith(`${stage}/`) ? [[path.slice(stage.length), entry] as const] : [],
    ),
  );
  const stderr = argv
    .slice(2)
    .filter((word) => !word.startsWith('--'))
    .filter((unit) => readDefinition(staged, unit).loadState === 'bad-setting')
    .map((unit) => `Unit ${unit} has a bad unit file setting.\n`)
    .join('');
  return { exitCode: stderr === '' ? 0 : 1, stdout: '', stderr };
}

class Systemd {
  private readonly files: MemoryHost;
  private readonly state: State;
  private readonly options: SimulationOptions;

  constructor(files: MemoryHost, state: State, options: SimulationOptions) {
    this.files = files;
    this.state = state;
    this.options = options;
  }

  async call(args: readonly string[]): Promise<CommandResult> {
    const words = args.filter((word) => !word.startsWith('-'));
    const [verb = '', ...units] = words;
    if (verb === 'show') return { ...OK, stdout: units.map((unit) => this.show(unit)).join('\n') };
    if (verb === 'daemon-reload') this.reload();
    const codes: number[] = [];
    const alone = args.includes('--job-mode=ignore-dependencies');
    for (const unit of units) codes.push(await this.job(verb, unit, alone));
    this.stopUnneeded();
    this.forgetUnused();
    const exitCode = codes.find((code) => code !== 0) ?? 0;
    return exitCode === 0 ? OK : { ...OK, exitCode, stderr: `Job for ${units.join(' ')} failed.` };
  }

  /** A timer; one of that name that still waits is not replaced. */
  runLater(argv: readonly string[]): CommandResult {
    const name = argv.find((word) => word.startsWith('--unit='))?.slice('--unit='.length);
    const unit = `${name}.timer`;
    if (this.isActive(unit))
      return { ...OK, exitCode: 1, stderr: `Unit ${unit} is there already.` };
    this.set(unit, { ...dead, active: 'active', sub: 'waiting' });
    return OK;
  }

  private isEnabled(unit: string): boolean {
    return this.files.entries.has(`/etc/systemd/system/multi-user.target.wants/${unit}`);
  }

  private resetFailed(unit: string): void {
    if (this.unit(unit).active === 'failed') this.set(unit, dead);
  }

  private answer(verb: string, unit: string): number {
    if (verb === 'is-enabled') return this.isEnabled(unit) ? 0 : 1;
    if (verb === 'is-active') return this.isActive(unit) ? 0 : 3;
    return 0;
  }

  private async job(verb: string, unit: string, alone: boolean): Promise<number> {
    if (verb === 'start') return this.start(unit, alone);
    if (verb === 'stop') return this.stop(unit);
    if (verb === 'restart') return this.restart(unit);
    if (verb === 'reload') return this.reloadUnit(unit);
    if (verb === 'reset-failed') this.resetFailed(unit);
    return this.answer(verb, unit);
  }

  /** The program of ExecReload= reads its environment anew. */
  private reloadUnit(unit: string): number {
    if (!this.isActive(unit)) return 1;
    const code = this.loadCode(unit);
    if (code === 0) this.set(unit, { ...this.unit(unit), from: this.sources(unit) });
    return code;
  }

  /** What a start uses now: the definition that systemd has, and files as they lie there. */
  private sources(unit: string): string {
    return sourcesOf(this.files.entries, this.definition(unit));
  }

  /** As the script vfio-bind leaves it: no file of the host, so that two states of a host can be compared. */
  boundDriver(path: string): Entry | undefined {
    const [, address = ''] = /^\/sys\/bus\/pci\/devices\/([^/]+)\/driver$/.exec(path) ?? [];
    if (!this.isActive(`vllmd-vfio@${address}.service`) || this.files.entries.has(path)) return;
    return { type: 'link', target: '../../../../bus/pci/drivers/vfio-pci', trusted: true };
  }

  unit(unit: string): SimulatedUnit {
    return this.state.units.get(unit) ?? dead;
  }

  set(unit: string, value: SimulatedUnit): void {
    this.state.units.set(unit, value);
  }

  private isActive(unit: string): boolean {
    return this.unit(unit).active === 'active';
  }

  /** As it was read when it was first asked for, or at the last daemon-reload. */
  private definition(unit: string): Definition {
    const known = this.state.loaded.get(unit);
    if (known !== undefined) return known;
    const read = readDefinition(this.files.entries, unit);
    this.state.loaded.set(unit, read);
    return read;
  }

  private reload(): void {
    for (const unit of this.state.loaded.keys()) {
      this.state.loaded.set(unit, readDefinition(this.files.entries, unit));
    }
  }

  private forgetUnused(): void {
    for (const unit of [...this.state.loaded.keys()]) {
      if (this.unit(unit).active === 'inactive') this.state.loaded.delete(unit);
    }
  }

  private values(unit: string, key: string): readonly string[] {
    return valuesOf(this.definition(unit).text, key).flatMap((value) => value.split(' '));
  }

  private loadCode(unit: string): number {
    const { loadState } = this.definition(unit);
    if (loadState === 'loaded') return 0;
    return loadState === 'not-found' ? 5 : 1;
  }

  private async start(unit: string, alone = false): Promise<number> {
    if (this.loadCode(unit) !== 0 || this.isActive(unit)) return this.loadCode(unit);
    if (!alone && !(await this.startNeeds(unit))) return 1;
    if (!this.values(unit, 'AssertPathExists').every((path) => this.holds(path))) return 1;
    const conditions = this.values(unit, 'ConditionPathExists');
    if (conditions.length > 0 && !conditions.some((path) => this.holds(path))) return 0;
    const missing = this.values(unit, 'EnvironmentFile').find((path) => !this.isReadable(path));
    if (missing !== undefined) {
      this.set(unit, { ...dead, active: 'failed', sub: 'failed', result: 'resources' });
      return 1;
    }
    this.state.starts += 1;
    if (unit.startsWith('vllmd-llama@')) return this.serve(unit);
    return unit.startsWith('vllmd-runtime@') ? this.boot(unit) : this.prepare(unit);
  }

  /** False when a unit that it requires is not there. */
  private async startNeeds(unit: string): Promise<boolean> {
    const wants = [...this.values(unit, 'Wants'), ...wantedByLinks(this.files.entries, unit)];
    for (const other of [...this.values(unit, 'Slice'), ...wants]) await this.start(other);
    for (const other of this.values(unit, 'Requires')) {
      if ((await this.start(other)) !== 0 || !this.isActive(other)) return false;
    }
    return true;
  }

  private holds(condition: string): boolean {
    const path = condition.replace(/^[|!]+/, '');
    return this.files.entries.has(path) !== condition.includes('!');
  }

  private isReadable(path: string): boolean {
    return path.startsWith('-') || this.files.entries.has(path);
  }

  private started(unit: string): SimulatedUnit {
    const { starts } = this.state;
    const invocation = starts.toString(16).padStart(32, '0');
    const isService = unit.endsWith('.service');
    const sub = isService ? 'running' : 'active';
    const pid = isService ? 1000 + starts : 0;
    return { ...dead, active: 'active', sub, invocation, pid, from: this.sources(unit) };
  }

  private async prepare(unit: string): Promise<number> {
    const isOneshot = this.values(unit, 'Type').includes('oneshot');
    const stays = this.values(unit, 'RemainAfterExit').includes('yes');
    if (isOneshot && !stays) return 0;
    this.set(unit, { ...this.started(unit), ...(isOneshot && { sub: 'exited', pid: 0 }) });
    if (unit === 'vllmd-hugepages.service') await this.put('/run/vllmd-hugepages/reserved', '');
    if (unit.startsWith('vllmd-runtime-pre-start@')) await this.allowDevices(instanceOf(unit));
    return 0;
  }

  /** As the script device-access does. */
  private async allowDevices(index: string): Promise<void> {
    const path = `/run/systemd/system/vllmd-runtime@${index}.service.d/20-vllmd-devices.conf`;
    const gpus = variable(
      textOf(this.files.entries, `/etc/vllmd/runtime-${index}.env`),
      'VLLMD_RUNTIME_GPUS',
    );
    const text = `[Service]\n# ${gpus}\n`;
    if (textOf(this.files.entries, path) === text) return;
    await this.put(path, text);
    this.reload();
  }

  /** An instance; what waits for its /health is part of its start. */
  private async serve(unit: string): Promise<number> {
    const dropIn = textOf(this.files.entries, `/etc/systemd/system/${unit}.d/10-vllmd.conf`);
    if (this.options.failsToStart?.(dropIn) !== true) return this.prepare(unit);
    this.set(unit, this.failing(unit));
    return 1;
  }

  private failing(unit: string): SimulatedUnit {
    return {
      ...this.started(unit),
      active: 'activating',
      sub: 'auto-restart',
      result: 'exit-code',
      pid: 0,
    };
  }

  private async boot(unit: string): Promise<number> {
    const index = instanceOf(unit);
    const env = textOf(this.files.entries, `/etc/vllmd/runtime-${index}.env`);
    const definition = textOf(this.files.entries, variable(env, 'VLLMD_RUNTIME_VM_DEFINITION'));
    if (definition === '' || this.options.failsToStart?.(definition) === true) {
      this.set(unit, this.failing(unit));
      return 1;
    }
    const gpus = [...definition.matchAll(/"\/sys\/bus\/pci\/devices\/([^"]+)"/g)].map(
      ([, gpu = '']) => gpu,
    );
    for (const [other, { active, gpus: taken }] of this.state.units) {
      const shared = gpus.filter((gpu) => active === 'active' && taken.includes(gpu));
      if (shared.length > 0) this.state.violations.push(`${unit} and ${other} both have ${shared}`);
    }
    this.set(unit, { ...this.started(unit), gpus });
    await this.put(`/run/vllmd/${index}/booted`, bootedText(this.files.entries, index));
    return 0;
  }

  private stop(unit: string): number {
    if (this.unit(unit).active === 'inactive') return this.loadCode(unit) === 5 ? 5 : 0;
    for (const other of this.withFollowers(unit)) this.halt(other);
    return 0;
  }

  private halt(unit: string): void {
    const before = this.unit(unit);
    if (unit.startsWith('vllmd-runtime@')) this.powerOff(unit, before);
    if (unit === 'vllmd-hugepages.service') removeBelow(this.files, '/run/vllmd-hugepages');
    if (before.active !== 'failed') this.set(unit, { ...dead, invocation: before.invocation });
  }

  /** ExecStop= is that of the definition that systemd has at the moment. */
  private powerOff(unit: string, before: SimulatedUnit): void {
    const own = `/etc/systemd/system/${unit}.d/10-vllmd.conf`;
    const { loadState, dropInPaths } = this.definition(unit);
    if (before.active === 'active' && (loadState !== 'loaded' || !dropInPaths.includes(own))) {
      this.state.violations.push(`${unit} was stopped after its files were gone (${loadState})`);
    }
    removeBelow(this.files, `/run/vllmd/${instanceOf(unit)}`);
  }

  /** The units that stop and restart with this one, before it and itself. */
  private withFollowers(unit: string, found = new Set<string>()): ReadonlySet<string> {
    if (found.has(unit)) return found;
    found.add(unit);
    for (const other of this.state.units.keys()) {
      const needs = [...this.values(other, 'Requires'), ...this.values(other, 'PartOf')];
      if (this.isActive(other) && needs.includes(unit)) this.withFollowers(other, found);
    }
    return new Set([...found].reverse());
  }

  /** Of a unit that cannot be loaded the old process goes on. */
  private async restart(unit: string): Promise<number> {
    if (this.loadCode(unit) !== 0) return this.loadCode(unit);
    const others = this.isActive(unit) ? [...this.withFollowers(unit)] : [];
    this.stop(unit);
    const code = await this.start(unit);
    if (code === 0) for (const other of others) await this.start(other);
    return code;
  }

  private stopUnneeded(): void {
    for (const unit of [...this.state.units.keys()].filter((name) => this.isActive(name))) {
      const isUnneeded =
        this.values(unit, 'StopWhenUnneeded').includes('yes') && !this.isNeeded(unit);
      if (isUnneeded) this.stop(unit);
    }
  }

  private isNeeded(unit: string): boolean {
    return [...this.state.units].some(
      ([other, { active }]) =>
        (active === 'active' || active === 'activating') &&
        this.values(other, 'Requires').includes(unit),
    );
  }

  private show(unit: string): string {
    const { active, sub, result, invocation, pid, since, ...more } = this.unit(unit);
    const { loadState, fragmentPath, dropInPaths, text } = this.definition(unit);
    const needsReload = text !== readDefinition(this.files.entries, unit).text;
    this.forgetUnused();
    const properties = {
      Id: unit,
      LoadState: loadState,
      ActiveState: active,
      SubState: sub,
      MainPID: pid,
      InvocationID: invocation,
      NeedDaemonReload: needsReload ? 'yes' : 'no',
      FragmentPath: fragmentPath,
      DropInPaths: dropInPaths.join(' '),
      ...(unit.endsWith('.service') && { Result: result, NRestarts: more.restarts ?? 0 }),
      ActiveEnterTimestamp: since === undefined ? '' : `@${since}`,
      InactiveEnterTimestamp: since === undefined ? '' : `@${since}`,
      InactiveExitTimestamp: since === undefined ? '' : `@${since}`,
      MemoryCurrent: (pid === 0 ? undefined : more.memoryBytes) ?? '[not set]',
    };
    return Object.entries(properties)
      .map(([key, value]) => `${key}=${value}\n`)
      .join('');
  }

  private async put(path: string, text: string): Promise<void> {
    const parts = path.split('/').slice(1, -1);
    for (let count = 1; count <= parts.length; count += 1) {
      const directory = `/${parts.slice(0, count).join('/')}`;
      if (this.files.entries.has(directory)) continue;
      await this.files.mkdir(directory, { mode: 0o755, ...root });
    }
    await this.files.write(path, text, { mode: 0o600, ...root });
  }
}

/** Deepest first. The memory host does at once what it is told. */
function removeBelow(files: MemoryHost, directory: string): void {
  const own = [...files.entries.keys()].filter(
    (path) => path === directory || path.startsWith(`${directory}/`),
  );
  for (const path of own.sort().reverse()) {
    const isDirectory = files.entries.get(path)?.type === 'directory';
    void (isDirectory ? files.removeDirectory(path) : files.remove(path));
  }
}
