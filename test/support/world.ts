import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { parseCpuList } from '../../src/core/facts/cpu-list.ts';
import { VllmdError } from '../../src/core/failure.ts';
import type { Entry, UnitState } from '../../src/core/plan/observed.ts';
import { hostLayer } from '../../src/core/resolve/layer.ts';
import type { Host } from '../../src/host/host.ts';
import { noteInterrupts } from '../../src/host/interrupts.ts';
import { describeHolder, type LockHolder } from '../../src/host/lock.ts';
import { createMemoryHost, type MemoryHost } from '../../src/host/memory-host.ts';
import { localServers } from '../../src/host/servers/servers.ts';
import type { World } from '../../src/host/world.ts';
import { type MachineDescription, machineFiles } from './machine.ts';
import { type PciDescription, type PciHostDescription, pciBytes, pciEntries } from './pci.ts';

type NumaDescription = {
  /** `0-31` */
  readonly cpus: string;
  readonly memoryGib: number;
  /** By size of the page; none of that size where it is left out. */
  readonly hugepages?: Readonly<Partial<Record<'2M' | '1G', number>>>;
};

/** What a fixture's host.json may say; everything has a value that lets an install go through. */
export type HostDescription = PciHostDescription &
  MachineDescription & {
    readonly accounts?: readonly string[];
    readonly groups?: readonly string[];
    readonly memoryGib?: number;
    readonly cpus?: number;
    /** MemAvailable; the kernel does not say without it. */
    readonly availableGib?: number;
    /** CPUs of each package: `0-31,64-95`; without it the kernel shows no packages. */
    readonly sockets?: readonly string[];
    /** How far the number of the second thread of a core is from that of the first; without it cores have one. */
    readonly siblingDistance?: number;
    /** Where the default route leads, and by which gateway. */
    readonly defaultRoute?: { readonly device: string; readonly gateway: string };
    /** The package with names of PCI devices is installed. */
    readonly pciIds?: boolean;
    /** Bytes free where the disks go. */
    readonly freeGib?: number;
    /** What `cloud-hypervisor --version` prints. */
    readonly cloudHypervisor?: string;
    /** What `ch-remote --version` prints. */
    readonly chRemote?: string;
    /** Four octal digits, of /dev/kvm. */
    readonly kvmMode?: string;
    /** Nodes in the order of their numbers; without it the host has one, and does not say so. */
    readonly numa?: readonly NumaDescription[];
    /** Interfaces by name; an `own` one is a bridge that vllmd has made. `eth0` is always there. */
    readonly interfaces?: Readonly<Record<string, 'bridge' | 'own' | 'other'>>;
    /** Subnets in CIDR form that are reached through eth0. */
    readonly routes?: readonly string[];
    /** Files with their text, and who may read them. */
    readonly files?: Readonly<
      Record<string, string | { readonly text: string; readonly mode: number }>
    >;
    readonly systemd?: boolean;
    readonly missing?: readonly string[];
    /** After an install from before.toml: text replaces a file, null removes it, { link } makes a link. */
    readonly edits?: Readonly<
      Record<string, string | null | { readonly link: string } | { readonly mode: number }>
    >;
    readonly units?: Readonly<Record<string, Partial<UnitState>>>;
    readonly command?: readonly string[];
  };

const present = [
  '/usr/bin/cloud-hypervisor',
  '/usr/bin/ch-remote',
  '/usr/sbin/ip',
  '/usr/sbin/nft',
  '/usr/sbin/mkdosfs',
  '/usr/bin/mcopy',
  '/usr/bin/setpriv',
  '/usr/bin/flock',
  '/usr/bin/systemd-analyze',
  '/usr/local/bin/vllmd',
  '/dev/kvm',
  '/dev/net/tun',
  '/var/lib/vllmd/images/CLOUDHV.fd',
  '/var/lib/vllmd/images/base.raw',
];

const gpu = { id: '10de:2330', subsystem: '10de:16c1', class: '030200', reset: 'flr bus' };
const twoGpus: readonly PciDescription[] = [
  { ...gpu, address: '0000:01:00.0', group: 10 },
  { ...gpu, address: '0000:02:00.0', group: 11 },
];

const KVM_GROUP = 110;

type AddFile = (path: string, text: string, mode?: number) => void;

/** A host in memory as a description has it. */
export function describedHost(description: HostDescription = {}): MemoryHost {
  const { pci = twoGpus, missing = [], numa = [], files = {} } = description;
  const entries = new Map<string, Entry>();
  const addFile: AddFile = (path, text, mode = 0o644) => {
    const parts = path.split('/').slice(1, -1);
    parts.forEach((_, position) => {
      const directory = `/${parts.slice(0, position + 1).join('/')}`;
      entries.set(directory, { type: 'directory', mode: 0o755, uid: 0, gid: 0 });
    });
    entries.set(path, { type: 'file', mode, uid: 0, gid: 0, text });
  };
  for (const entry of pciEntries({ ...description, pci })) entries.set(...entry);
  addSystem(addFile, description);
  addNodes(addFile, numa);
  addCpus(addFile, description);
  if (description.pciIds === true) addFile('/usr/share/misc/pci.ids', pciIds);
  addNetwork(addFile, description);
  for (const path of present.filter((name) => !missing.includes(name))) addFile(path, '');
  if (!missing.includes('/dev/kvm')) {
    const mode = Number.parseInt(description.kvmMode ?? '0660', 8);
    entries.set('/dev/kvm', { type: 'file', mode, uid: 0, gid: KVM_GROUP, text: '' });
  }
  for (const [path, text] of machineFiles(description)) addFile(path, text);
  for (const [path, file] of Object.entries(files)) {
    if (typeof file === 'string') addFile(path, file);
    else addFile(path, file.text, file.mode);
  }
  return createMemoryHost({ entries, ...behaviourOf({ ...description, pci }) });
}

/** A few lines of the database for the devices of the fixtures. */
const pciIds = readFileSync(new URL('../../fixtures/pci.ids', import.meta.url), 'utf8');

/** What a host says that is not in its files. */
export function behaviourOf(description: HostDescription) {
  const { freeGib = 4096, cloudHypervisor = 'cloud-hypervisor v53.0.0' } = description;
  const { chRemote = 'ch-remote v53.0.0', missing = [] } = description;
  const printed: Readonly<Record<string, string>> = {
    'cloud-hypervisor --version': cloudHypervisor,
    'ch-remote --version': chRemote,
    'systemctl --version': 'systemd 257 (257.9-1)',
  };
  return {
    bytes: pciBytes(description),
    freeBytes: freeGib * 2 ** 30,
    answers: (argv: readonly string[]) => {
      const text = printed[argv.join(' ')];
      if (text === undefined || missing.includes(`/usr/bin/${argv[0]}`)) return undefined;
      return { exitCode: 0, stdout: `${text}\n`, stderr: '' };
    },
  };
}

function addSystem(addFile: AddFile, description: HostDescription): void {
  const {
    accounts = ['sdake:x:1000:1000:,,,:/home/sdake:/bin/bash'],
    groups = ['sdake:x:1000:', 'kvm:x:110:'],
    memoryGib = 512,
    cpus = 64,
  } = description;
  addFile('/etc/passwd', ['root:x:0:0::/root:/bin/sh', ...accounts, ''].join('\n'));
  addFile('/etc/group', ['root:x:0:', ...groups, ''].join('\n'));
  addFile('/etc/machine-id', '0123456789abcdef0123456789abcdef\n');
  const { availableGib } = description;
  const available =
    availableGib === undefined ? '' : `MemAvailable: ${availableGib * 2 ** 20} kB\n`;
  addFile('/proc/meminfo', `MemTotal: ${memoryGib * 2 ** 20} kB\n${available}`);
  addFile('/sys/devices/system/cpu/online', `0-${cpus - 1}\n`);
  if (description.systemd !== false) addFile('/run/systemd/system/x', '');
  addFile('/etc/systemd/system/x', '');
  addFile('/home/sdake/x', '');
}

/** Packages and threads of one core. */
function addCpus(addFile: AddFile, description: HostDescription): void {
  const { sockets = [], siblingDistance } = description;
  sockets.forEach((list, socket) => {
    const ids = parseCpuList(list) ?? [];
    for (const id of ids) {
      const at = `/sys/devices/system/cpu/cpu${id}/topology`;
      const near =
        siblingDistance === undefined ? [] : [id - siblingDistance, id + siblingDistance];
      const core = [id, ...near].filter((cpu) => ids.includes(cpu)).toSorted((a, b) => a - b);
      addFile(`${at}/physical_package_id`, `${socket}\n`);
      addFile(`${at}/core_cpus_list`, `${core.join(',')}\n`);
    }
  });
}

const pageKib = { '2M': 2048, '1G': 1_048_576 } as const;

/** The kernel lists each node with its CPUs, and the pages of each size that it offers. */
function addNodes(addFile: AddFile, nodes: readonly NumaDescription[]): void {
  nodes.forEach(({ cpus, memoryGib, hugepages = { '2M': 0, '1G': 0 } }, id) => {
    const directory = `/sys/devices/system/node/node${id}`;
    addFile(`${directory}/cpulist`, `${cpus}\n`);
    addFile(`${directory}/meminfo`, `Node ${id} MemTotal:       ${memoryGib * 2 ** 20} kB\n`);
    for (const size of ['2M', '1G'] as const) {
      const count = hugepages[size];
      if (count === undefined) continue;
      const pages = `${directory}/hugepages/hugepages-${pageKib[size]}kB`;
      addFile(`${pages}/nr_hugepages`, `${count}\n`);
      addFile(`${pages}/free_hugepages`, `${count}\n`);
    }
  });
}

function addNetwork(addFile: AddFile, description: HostDescription): void {
  const { interfaces = {}, routes = [], defaultRoute } = description;
  for (const [name, kind] of Object.entries({ eth0: 'other', ...interfaces })) {
    addFile(`/sys/class/net/${name}/ifalias`, kind === 'own' ? 'vllmd\n' : '\n');
    if (kind !== 'other') addFile(`/sys/class/net/${name}/bridge/bridge_id`, '');
  }
  if (defaultRoute !== undefined) addFile(`/sys/class/net/${defaultRoute.device}/ifalias`, '\n');
  const outside =
    defaultRoute === undefined
      ? []
      : [
          `${defaultRoute.device}\t00000000\t${routeBytes(defaultRoute.gateway)}\t0003\t0\t0\t100\t00000000\t0\t0\t0`,
        ];
  const lines = routes.map((subnet) => {
    const [address = '', length = '0'] = subnet.split('/');
    const ones = (0xffffffff << (32 - Number(length))) >>> 0;
    const mask = [24, 16, 8, 0].map((shift) => (ones >>> shift) & 0xff).join('.');
    return `eth0\t${routeBytes(address)}\t00000000\t0001\t0\t0\t0\t${routeBytes(mask)}\t0\t0\t0`;
  });
  addFile('/proc/net/route', ['Iface\tDestination\t…', ...outside, ...lines, ''].join('\n'));
}

/** An address as /proc/net/route has it: its first byte is the lowest of a number. */
function routeBytes(address: string): string {
  const hex = (part: string) => Number(part).toString(16).padStart(2, '0').toUpperCase();
  return address.split('.').reverse().map(hex).join('');
}

export type TestWorld = World & {
  readonly out: () => string;
  readonly err: () => string;
  /** Milliseconds that the program has waited, all in all. */
  readonly waited: () => number;
  /** Sends a signal to the program. */
  readonly press: (key: string) => void;
  readonly interrupt: (signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP') => void;
};

type Clock = { readonly everyMs: number; readonly tick: () => void; dueMs: number };

function nextOf(clocks: ReadonlySet<Clock>): Clock | undefined {
  return [...clocks].toSorted((a, b) => a.dueMs - b.dueMs)[0];
}

/** Worlds around the same host share its lock. */
const holders = new WeakMap<Host, LockHolder>();

/** A world around one host; files are read from this machine, below `cwd`. Time passes only when it is waited for. */
export function testWorld(host: Host, options: Partial<World> = {}): TestWorld {
  const out: string[] = [];
  const err: string[] = [];
  const signals = new EventEmitter();
  let waitedMs = 0;
  const now = () => Date.UTC(2026, 0, 1) + waitedMs;
  const stderr = {
    write: (text: string) => void err.push(text),
    hasColour: false,
    isTerminal: false,
  };
  const clocks = new Set<Clock>();
  const pass = (milliseconds: number) => {
    const untilMs = waitedMs + milliseconds;
    for (let clock = nextOf(clocks); clock && clock.dueMs <= untilMs; clock = nextOf(clocks)) {
      waitedMs = Math.max(waitedMs, clock.dueMs);
      clock.dueMs += clock.everyMs;
      clock.tick();
    }
    waitedMs = untilMs;
  };
  return {
    layer: hostLayer,
    env: {},
    cwd: '/',
    commandLine: [],
    uid: 0,
    version: '0.0.0-test',
    stdout: { write: (text) => void out.push(text), hasColour: false, isTerminal: false },
    stderr,
    notes: options.stderr ?? stderr,
    terminal: () => undefined,
    host: () => host,
    treeHost: () => host,
    readConfigFile: (path) => ({ kind: 'bytes', bytes: readFileSync(path) }),
    now,
    wait: async (milliseconds) => pass(milliseconds),
    every: (everyMs, tick) => {
      const clock = { everyMs, tick, dueMs: waitedMs + everyMs };
      clocks.add(clock);
      return () => void clocks.delete(clock);
    },
    doing: () => () => undefined,
    hideArguments: () => undefined,
    lock: async (_root, { op, timeoutMs, onWait }) => {
      const holder = holders.get(host);
      if (holder !== undefined) {
        if (timeoutMs > 0) onWait(holder);
        pass(timeoutMs);
        const who = describeHolder(holder, now());
        throw new VllmdError('locked', `${who} holds the lock`, 'wait until it has ended');
      }
      const own = { pid: 812, startTime: 1, user: 'alice', op, version: '0.0.0-test' };
      holders.set(host, { ...own, since: now() });
      return { release: () => void holders.delete(host) };
    },
    lockHolder: async () => holders.get(host),
    onKey: (pressed) => {
      signals.on('key', pressed);
      return () => void signals.off('key', pressed);
    },
    onUnread: () => () => undefined,
    interrupts: () => noteInterrupts(signals),
    servers: localServers(812),
    self: ['/usr/bin/node', '/usr/local/bin/vllmd'],
    ...options,
    out: () => out.join(''),
    err: () => err.join(''),
    waited: () => waitedMs,
    interrupt: (signal) => void signals.emit(signal, signal),
    press: (key) => void signals.emit('key', key),
  };
}
