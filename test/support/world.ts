import { readFileSync } from 'node:fs';
import type { Entry, UnitState } from '../../src/core/plan/observed.ts';
import type { Host } from '../../src/host/host.ts';
import { createMemoryHost, type MemoryHost } from '../../src/host/memory-host.ts';
import type { World } from '../../src/host/world.ts';

/** What a fixture's host.json may say; everything has a value that lets an install go through. */
export type HostDescription = {
  readonly accounts?: readonly string[];
  readonly groups?: readonly string[];
  readonly memoryGib?: number;
  readonly cpus?: number;
  readonly pciDevices?: readonly string[];
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
  '/dev/kvm',
  '/var/lib/vllmd/images/CLOUDHV.fd',
  '/var/lib/vllmd/images/base.raw',
];

/** A host in memory as a description has it. */
export function describedHost(description: HostDescription = {}): MemoryHost {
  const entries = new Map<string, Entry>();
  const addFile = (path: string, text: string) => {
    const parts = path.split('/').slice(1, -1);
    parts.forEach((_, position) => {
      const directory = `/${parts.slice(0, position + 1).join('/')}`;
      entries.set(directory, { type: 'directory', mode: 0o755, uid: 0, gid: 0 });
    });
    entries.set(path, { type: 'file', mode: 0o644, uid: 0, gid: 0, text });
  };
  const accounts = description.accounts ?? ['sdake:x:1000:1000:,,,:/home/sdake:/bin/bash'];
  const groups = description.groups ?? ['sdake:x:1000:', 'kvm:x:110:'];
  addFile('/etc/passwd', ['root:x:0:0::/root:/bin/sh', ...accounts, ''].join('\n'));
  addFile('/etc/group', ['root:x:0:', ...groups, ''].join('\n'));
  addFile('/proc/meminfo', `MemTotal: ${(description.memoryGib ?? 512) * 2 ** 20} kB\n`);
  addFile('/sys/devices/system/cpu/online', `0-${(description.cpus ?? 64) - 1}\n`);
  const gpus = description.pciDevices ?? ['0000:01:00.0', '0000:01:00.1', '0000:02:00.0'];
  for (const address of gpus) addFile(`/sys/bus/pci/devices/${address}/class`, '0x030200\n');
  if (description.systemd !== false) addFile('/run/systemd/system/x', '');
  addFile('/etc/systemd/system/x', '');
  addFile('/home/sdake/x', '');
  for (const path of present) {
    if (!(description.missing ?? []).includes(path)) addFile(path, '');
  }
  return createMemoryHost({ entries });
}

export type TestWorld = World & {
  readonly out: () => string;
  readonly err: () => string;
};

/** A world around one host; files are read from this machine, below `cwd`. */
export function testWorld(host: Host, options: Partial<World> = {}): TestWorld {
  const out: string[] = [];
  const err: string[] = [];
  return {
    env: {},
    cwd: '/',
    uid: 0,
    version: '0.0.0-test',
    stdout: { write: (text) => void out.push(text), hasColour: false },
    stderr: { write: (text) => void err.push(text), hasColour: false },
    host: () => host,
    treeHost: () => host,
    readConfigFile: (path) => ({ kind: 'bytes', bytes: readFileSync(path) }),
    ...options,
    out: () => out.join(''),
    err: () => err.join(''),
  };
}
