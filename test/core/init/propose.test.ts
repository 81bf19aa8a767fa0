import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadConfig } from '../../../src/core/config/load.ts';
import { isUplink } from '../../../src/core/init/choose-network.ts';
import { userNameProblem } from '../../../src/core/init/choose-user.ts';
import { propose, type Wishes } from '../../../src/core/init/propose.ts';
import { writeConfig } from '../../../src/core/init/write-config.ts';
import { preflight } from '../../../src/core/preflight/preflight.ts';
import { proposalHuman } from '../../../src/core/report/init-human.ts';
import { plainStyle } from '../../../src/core/report/style.ts';
import { compose } from '../../../src/host/compose.ts';
import { readSetupFacts } from '../../../src/host/read-setup.ts';
import type { PciDescription } from '../../support/pci.ts';
import { describedHost, type HostDescription } from '../../support/world.ts';

const plain: Wishes = {
  asked: undefined,
  sudoUser: undefined,
  uid: 0,
  isRecorded: false,
  withoutGpus: false,
};

async function proposalFor(description: HostDescription, wishes: Partial<Wishes> = {}) {
  return propose(await readSetupFacts(describedHost(description)), { ...plain, ...wishes });
}

function gpu(address: string, own: Partial<PciDescription> = {}): PciDescription {
  return { address, id: '10de:2330', class: '030200', group: 10, ...own };
}

const accounts = {
  person: 'ann:x:1000:1000::/home/ann:/bin/bash',
  other: 'bob:x:1001:1001::/home/bob:/bin/bash',
  own: 'vllm:x:995:995::/home/vllm:/usr/sbin/nologin',
  daemon: 'daemon:x:2:2::/:/usr/sbin/nologin',
};

test('the account is the one made for it, else who typed it, else a person, else one to be made', async () => {
  const { person, other, own, daemon } = accounts;
  const chosen = async (list: readonly string[], wishes: Partial<Wishes> = {}) => {
    const { user } = await proposalFor({ accounts: list }, wishes);
    return `${user.name} ${user.exists}`;
  };
  expect(await chosen([person, own], { sudoUser: 'ann' })).toBe('vllm true');
  expect(await chosen([person, other], { sudoUser: 'bob' })).toBe('bob true');
  expect(await chosen([person, other], { uid: 1001 })).toBe('bob true');
  expect(await chosen([daemon, person, other])).toBe('ann true');
  expect(await chosen([daemon])).toBe('vllm false');
  expect(await chosen([person], { sudoUser: 'root' })).toBe('ann true');
  expect(await chosen([person], { asked: 'svc' })).toBe('svc false');
  const nobody = 'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin';
  expect(await chosen([nobody, person], { uid: 65_534 })).toBe('ann true');
});

test('names that others have given begin no line, in the file or on the terminal', async () => {
  const name = 'a\u001b[2J\nuser = "x"';
  const holders = [{ pid: 31_337, name, node: '/dev/nvidia0' }];
  const driver = 'nvidia';
  const held = gpu('0000:01:00.0', { driver, holders });
  const host = describedHost({ pci: [held, gpu('0000:02:00.0', { group: 11 })] });
  const read: typeof host.read = async (path) =>
    path === '/sys/bus/pci/devices/0000:02:00.0/iommu_group'
      ? { type: 'link', target: `groups/${name}`, trusted: true }
      : host.read(path);
  const facts = await readSetupFacts({ ...host, read });
  const proposal = propose(facts, plain);
  const file = writeConfig(proposal);
  expect(file).toContain('IOMMU group a\\u{1b}[2J\\nuser = "x"');
  expect(file).not.toMatch(/^user = "x"|(?!\n)\p{Cc}/mu);
  const words = proposalHuman(proposal, facts.inventory, {
    style: plainStyle,
    width: undefined,
  });
  expect(words).toContain('31337 a\\u{1b}[2J');
  expect(words).not.toMatch(/^user = "x"|(?!\n)\p{Cc}/mu);
});

test('an interface that a config cannot name is left out, and it is said why', async () => {
  const route = (device: string) => ({ defaultRoute: { device, gateway: '10.0.0.1' } });
  const uplink = async (device: string) => (await proposalFor(route(device))).network.uplink;
  expect(await uplink('enp1s0f0np0')).toBe('enp1s0f0np0');
  expect(await uplink('vllmd-tap1')).toBeUndefined();
  expect(await uplink('all')).toBeUndefined();
  expect(writeConfig(await proposalFor(route('vllmd-tap1')))).toContain(
    '# The default route leads to vllmd-tap1, which cannot stand here',
  );
});

test('names and subnets that the host has already are avoided', async () => {
  const { network } = await proposalFor({
    interfaces: { 'vllmd-br0': 'bridge', 'vllmd-br1': 'other' },
    routes: ['10.0.0.0/8'],
  });
  expect(network).toMatchObject({ bridge: 'vllmd-br2', subnet: '172.30.77.0/24' });
  const own = await proposalFor({ interfaces: { 'vllmd-br0': 'own' } });
  expect(own.network).toMatchObject({ bridge: undefined, subnet: undefined });
  const none = await proposalFor({ routes: ['0.0.0.0/1', '128.0.0.0/1'] });
  expect(none.network.subnet).toBeUndefined();
  expect(none.notes.join()).toContain('set network.subnet');
});

test('of the default routes the one with the smallest metric counts', async () => {
  const host = describedHost();
  const line = (device: string, metric: number, flags = '0003') =>
    `${device}\t00000000\t0101A8C0\t${flags}\t0\t0\t${metric}\t00000000\t0\t0\t0`;
  const text = ['Iface', line('wlan0', 600), line('off0', 0, '0002'), line('eno1', 100), ''];
  await host.write('/proc/net/route', text.join('\n'), { mode: 0o444, uid: 0, gid: 0 });
  const { network } = await readSetupFacts(host);
  expect(network.defaultRoute).toEqual({ device: 'eno1', gateway: '192.168.1.1' });
});

test('displays that only show are no GPUs', async () => {
  const { runtimes, leftOut } = await proposalFor({
    pci: [gpu('0000:04:00.0', { id: '1a03:2000', class: '030000' })],
  });
  expect([runtimes, leftOut]).toEqual([[], []]);
});

test('a GPU that a process has open is proposed, with what to stop first', async () => {
  const holders = [{ pid: 7, name: 'python3', node: '/dev/nvidia0' }];
  const { runtimes, notes } = await proposalFor({
    pci: [gpu('0000:01:00.0', { driver: 'nvidia', holders })],
  });
  expect(runtimes).toHaveLength(1);
  expect(notes.join('\n')).toContain('stop python3');
});

test('what could not be read of memory or CPUs leaves nothing to propose', async () => {
  const facts = await readSetupFacts(describedHost());
  const { runtimes, leftOut } = propose(
    { ...facts, inventory: { ...facts.inventory, memoryBytes: undefined } },
    { ...plain, withoutGpus: true },
  );
  expect(runtimes).toEqual([]);
  expect(leftOut.flatMap(({ reasons }) => reasons).join()).toContain('no memory or no core');
});

test('pages that are reserved, and memory that is not free now, are said', async () => {
  const node = { cpus: '0-63', memoryGib: 512, hugepages: { '1G': 100 } };
  const { notes } = await proposalFor({ numa: [node], availableGib: 80 });
  expect(notes).toEqual([
    expect.stringContaining('the runtimes get 390 GiB together, and 80 GiB are free now'),
    expect.stringContaining('100 GiB are reserved as huge pages'),
  ]);
});

test('pages that hold most of the memory are proposed for the runtimes', async () => {
  const node = { cpus: '0-63', memoryGib: 1024, hugepages: { '1G': 1020 } };
  const proposal = await proposalFor({
    numa: [node],
    memoryGib: 1024,
    availableGib: 3,
    pci: [gpu('0000:01:00.0')],
  });
  expect(proposal.runtimes).toMatchObject([{ memoryGib: 972 }]);
  expect(proposal.notes).toEqual([]);
  expect(writeConfig(proposal)).toMatch(/^hugepages = "1G"$/m);
});

test('pages that are reserved on the node of a GPU are named where they leave nothing for it', async () => {
  const nodes = [
    { cpus: '0-31', memoryGib: 512, hugepages: { '1G': 510 } },
    { cpus: '32-63', memoryGib: 512 },
  ];
  const { leftOut } = await proposalFor({
    numa: nodes,
    memoryGib: 1024,
    pci: [gpu('0000:01:00.0', { numaNode: 0 })],
  });
  expect(leftOut).toMatchObject([{ reasons: [expect.stringContaining('510 GiB are reserved')] }]);
});

const slots = fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 10 });

const randomHost: fc.Arbitrary<HostDescription> = fc
  .record({
    slots,
    groups: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 10, maxLength: 10 }),
    nodesOf: fc.array(fc.constantFrom(undefined, 0, 1, 2), { minLength: 10, maxLength: 10 }),
    nodes: fc.array(
      fc.record({
        cores: fc.integer({ min: 1, max: 40 }),
        memoryGib: fc.constantFrom(0, 5, 32, 255, 1031),
        pages: fc.integer({ min: 0, max: 6 }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    smt: fc.boolean(),
    iommu: fc.boolean(),
    virtual: fc.boolean(),
    interfaces: fc.dictionary(
      fc.constantFrom('vllmd-br0', 'vllmd-br1', 'br0'),
      fc.constantFrom('bridge', 'own', 'other'),
    ),
    routes: fc.subarray(['10.0.0.0/8', '10.77.0.0/16', '172.30.0.0/16', '192.168.0.0/16']),
    device: fc.constantFrom('eth0', 'vllmd-br0', 'vllmd-tap3', 'all', 'eno1.42', 'ä', undefined),
  })
  .map((draw) => {
    const threads = draw.smt ? 2 : 1;
    const total = draw.nodes.reduce((sum, { cores }) => sum + cores, 0);
    const starts = draw.nodes.map((_, at) =>
      draw.nodes.slice(0, at).reduce((sum, { cores }) => sum + cores, 0),
    );
    const lists = draw.nodes.map(({ cores }, at) => {
      const first = starts[at] ?? 0;
      const again = `,${first + total}-${first + total + cores - 1}`;
      return `${first}-${first + cores - 1}${draw.smt ? again : ''}`;
    });
    return {
      iommu: draw.iommu,
      cpus: total * threads,
      memoryGib: draw.nodes.reduce((sum, { memoryGib }) => sum + memoryGib, 0),
      sockets: lists,
      ...(draw.smt ? { siblingDistance: total } : {}),
      numa: draw.nodes.map(({ memoryGib, pages }, at) => ({
        cpus: lists[at] ?? '',
        memoryGib,
        hugepages: { '1G': Math.min(pages, memoryGib) },
      })),
      interfaces: draw.interfaces,
      routes: draw.routes,
      ...(draw.device === undefined
        ? {}
        : { defaultRoute: { device: draw.device, gateway: '10.1.1.1' } }),
      pci: draw.slots.flatMap((slot, at) => {
        const node = draw.nodesOf[at];
        const where = node === undefined ? {} : { numaNode: node };
        const group = draw.groups[at] ?? 0;
        const address = `0000:${slot.toString(16).padStart(2, '0')}:00.0`;
        if (!draw.virtual || at > 1) return [gpu(address, { ...where, group, reset: 'flr' })];
        const card = { id: '8086:56c0', class: '038000', reset: 'flr' };
        return [
          gpu(address, { ...card, ...where, group: 40 + at, numvfs: 2, driver: 'i915' }),
          ...[1, 2].map((number) =>
            gpu(address.replace(/0$/, String(number)), {
              ...card,
              ...where,
              group: 50 + 2 * at + number,
              physfn: address,
            }),
          ),
        ];
      }),
    };
  });

/** What a proposal must not run into; what is of the host as a whole, or needs software, is not its business. */
const ours =
  /^(?:memory-|cpus-|subnet-|bridge-|uplink-|gpu-|group-|iommu-group|boot-vga|virtual-|device-in-use|user-)/;

test('whatever a host has, what is proposed for it is valid, fits, and can be passed on', async () => {
  await fc.assert(
    fc.asyncProperty(randomHost, fc.boolean(), async (description, withoutGpus) => {
      const host = describedHost(description);
      const facts = await readSetupFacts(host);
      const proposal = propose(facts, { ...plain, withoutGpus });
      const { result } = loadConfig(new TextEncoder().encode(writeConfig(proposal)));
      if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
      expect(result.warnings).toEqual([]);
      const { desired, facts: found, context } = await compose(result.value, host);
      const { placements } = context;
      const problems = preflight({ desired, facts: found, placements, pins: new Map() });
      expect(problems.filter(({ rule }) => ours.test(rule)).map(({ message }) => message)).toEqual(
        [],
      );
      const given = proposal.runtimes.flatMap(({ gpus }) => gpus);
      const left = proposal.leftOut.flatMap(({ gpus }) => gpus);
      const all = [...given, ...left].map(({ address }) => address).toSorted();
      expect(all).toEqual(description.pci?.map(({ address }) => address).toSorted());
    }),
    { numRuns: 150 },
  );
});

test('init takes a name of an account or an interface if and only if a config may have it', () => {
  const isValid = (user: string, uplink: string) =>
    loadConfig(
      Buffer.from(
        `[global]\nuser = ${JSON.stringify(user)}\n[network]\ndefault_interface = ${JSON.stringify(uplink)}\n`,
      ),
    ).result.ok;
  for (const name of ['vllm', 'a$', '1a', 'a'.repeat(32), 'a'.repeat(33), 'root', '']) {
    expect([name, userNameProblem(name) === undefined]).toEqual([name, isValid(name, 'eth0')]);
  }
  const interfaces = ['eth0', 'a'.repeat(15), 'a'.repeat(16), 'all', '-a', 'a:1', 'vllmd-tap7', ''];
  for (const name of interfaces) {
    expect([name, isUplink(name)]).toEqual([name, isValid('vllm', name)]);
  }
});
