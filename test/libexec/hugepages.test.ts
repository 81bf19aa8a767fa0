import { chmodSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FakeHost } from './script.ts';

const GIB = 1048576;
const STATE = '/run/vllmd-hugepages';

function pool(node: string, size = GIB): string {
  const folder = node === 'any' ? '/sys/kernel/mm' : `/sys/devices/system/node/node${node}`;
  return `${folder}/hugepages/hugepages-${size}kB`;
}

/** Counts are [all, free]. A pool takes each number that is written: this memory is never fragmented. */
class PageHost extends FakeHost {
  constructor(pools: Readonly<Record<string, readonly [number, number]>>, size = GIB) {
    super();
    this.program('systemctl', 'echo running');
    this.file('/proc/sys/vm/compact_memory', '');
    this.directory(STATE);
    for (const [node, [all, free]] of Object.entries(pools)) {
      this.file(`${pool(node, size)}/nr_hugepages`, String(all));
      this.file(`${pool(node, size)}/free_hugepages`, String(free));
      this.memory(node, 512);
    }
  }

  memory(node: string, gib: number): void {
    const half = (gib * GIB) / 2;
    if (node === 'any') {
      this.file('/proc/meminfo', `MemTotal: 1 kB\nMemFree: ${half} kB\nInactive(file): ${half} kB`);
    } else {
      const lines = `Node ${node} MemFree:  ${half} kB\nNode ${node} Active(file): ${half} kB`;
      this.file(`/sys/devices/system/node/node${node}/meminfo`, lines);
    }
  }

  pages(node: string, size = GIB): number {
    return Number(this.read(`${pool(node, size)}/nr_hugepages`));
  }

  reserve(nodes: string, size = GIB, prefix: readonly string[] = []) {
    return this.#hugepages('reserve', nodes, size, prefix);
  }

  release() {
    return this.#hugepages('release', '', GIB, []);
  }

  #hugepages(verb: string, nodes: string, size: number, prefix: readonly string[]) {
    const env = { VLLMD_HUGEPAGES_SIZE_KIB: String(size), VLLMD_HUGEPAGES_NODES: nodes };
    return this.run('hugepages', [verb], env, prefix);
  }
}

test('reserves on each node, on top of what others use', async () => {
  using host = new PageHost({ 0: [0, 0], 1: [10, 4] });
  expect(await host.reserve('0=32 1=64')).toEqual({ code: 0, stdout: '', stderr: '' });
  expect([host.pages('0'), host.pages('1')]).toEqual([32, 70]);
  expect(host.exists(`${STATE}/reserved`)).toBe(true);
  expect(host.read('/proc/sys/vm/compact_memory')).toBe('1');
});

test('takes no more than what was reserved at boot, where that is enough', async () => {
  using host = new PageHost({ any: [96, 96] });
  expect((await host.reserve('any=64')).code).toBe(0);
  expect(host.pages('any')).toBe(96);
  expect(host.read('/proc/sys/vm/compact_memory')).toBe('');
});

test('does not count its own pages when it runs again', async () => {
  using host = new PageHost({ 0: [5, 0] });
  await host.reserve('0=32');
  host.file(`${pool('0')}/free_hugepages`, '0');
  expect((await host.reserve('0=32')).code).toBe(0);
  expect(host.pages('0')).toBe(37);
  expect((await host.reserve('0=40')).code).toBe(0);
  expect(host.pages('0')).toBe(45);
  expect((await host.reserve('0=8')).code).toBe(0);
  expect(host.pages('0')).toBe(45);
});

test('gives back what it took, and keeps what was there', async () => {
  using host = new PageHost({ 0: [5, 5], 1: [0, 0] });
  await host.reserve('0=32 1=8');
  expect(await host.release()).toEqual({ code: 0, stdout: '', stderr: '' });
  expect([host.pages('0'), host.pages('1')]).toEqual([5, 0]);
  expect(host.exists(`${STATE}/reserved`)).toBe(false);
  expect(host.exists(`${STATE}/0`)).toBe(false);
});

test('does not give back at shutdown', async () => {
  using host = new PageHost({ 0: [0, 0] });
  await host.reserve('0=32');
  host.program('systemctl', 'echo stopping; exit 1');
  await host.release();
  expect(host.pages('0')).toBe(32);
});

test('says how many there are, and what would help', async () => {
  using host = new PageHost({ 0: [2, 2], 1: [12, 12] });
  host.replace('sleep 1', ':');
  // Who may not write is given nothing.
  chmodSync(host.path(STATE), 0o777);
  const nobody = process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--clear-groups'] : [];
  chmodSync(host.path(`${pool('1')}/nr_hugepages`), 0o444);
  const { code, stderr } = await host.reserve('0=2 1=64', GIB, nobody);
  expect(code).toBe(1);
  expect(stderr).toContain(
    'vllmd: huge pages: node 1: 64 pages of 1 GiB wanted, the kernel gave 12; its memory is in use or fragmented: ' +
      'reserve them at boot, with hugepagesz=1G hugepages=0:2,1:64 on the kernel command line\n',
  );
  expect(host.exists(`${STATE}/reserved`)).toBe(false);
});

test.for(['0', 'any'])('does not ask for more memory than is free: %s', async (node) => {
  using host = new PageHost({ [node]: [2, 2] });
  host.memory(node, 30);
  expect((await host.reserve(`${node}=64`)).stderr).toMatch(
    /: 64 pages of 1 GiB wanted, for which 62 GiB more are needed and 30 GiB are free; /,
  );
  expect(host.pages(node)).toBe(2);
});

test('says that a size or a node is not there', async () => {
  using host = new PageHost({ 0: [0, 0] });
  expect((await host.reserve('1=4')).stderr).toMatch(
    /^vllmd: huge pages: node 1 has no pages of 1 GiB; /,
  );
  expect((await host.reserve('any=4', 2048)).stderr).toMatch(/the host has no pages of 2 MiB; /);
});

test('counts what may lie anywhere on top of what the nodes hold', async () => {
  using host = new PageHost({ 0: [0, 0], any: [0, 0] });
  expect(await host.reserve('0=100 any=50')).toEqual({ code: 0, stdout: '', stderr: '' });
  expect([host.pages('0'), host.pages('any')]).toEqual([100, 150]);
});

test('gives back pages of another size, and of nodes that no runtime is on any more', async () => {
  using host = new PageHost({ 0: [3, 3], 1: [0, 0] });
  for (const [node, count] of [
    ['0', '7'],
    ['1', '0'],
  ] as const) {
    host.file(`${pool(node, 2048)}/nr_hugepages`, count);
    host.file(`${pool(node, 2048)}/free_hugepages`, count);
  }
  await host.reserve('0=512 1=512', 2048);
  expect([host.pages('0', 2048), host.pages('1', 2048)]).toEqual([512, 512]);
  expect((await host.reserve('0=4')).code).toBe(0);
  expect([host.pages('0', 2048), host.pages('1', 2048), host.pages('0')]).toEqual([7, 0, 4]);
});
