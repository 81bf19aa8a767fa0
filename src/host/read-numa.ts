import { parseCpuList } from '../core/facts/cpu-list.ts';
import { parseMemoryBytes } from '../core/facts/meminfo.ts';
import type { NumaFacts, NumaNode } from '../core/facts/numa.ts';
import type { HostReader } from './host.ts';
import { readText } from './read-text.ts';

const NODES = '/sys/devices/system/node';

/** The NUMA nodes of a host with their CPUs, memory and hugepages; none where the kernel does not say. */
export async function readNuma(host: HostReader): Promise<NumaFacts> {
  const names = (await host.list(NODES)) ?? [];
  const ids = names.flatMap((name) => /^node(\d+)$/.exec(name)?.[1] ?? []).map(Number);
  const nodes: NumaNode[] = [];
  for (const id of ids.sort((a, b) => a - b)) nodes.push(await readNode(host, id));
  return { nodes };
}

async function readNode(host: HostReader, id: number): Promise<NumaNode> {
  const directory = `${NODES}/node${id}`;
  return {
    id,
    cpus: parseCpuList(await readText(host, `${directory}/cpulist`)) ?? [],
    memoryBytes: parseMemoryBytes(await readText(host, `${directory}/meminfo`)) ?? 0,
    hugepages: await readHugepages(host, `${directory}/hugepages`),
  };
}

async function readHugepages(host: HostReader, directory: string): Promise<NumaNode['hugepages']> {
  const pages = new Map<number, { total: number; free: number }>();
  for (const name of (await host.list(directory)) ?? []) {
    const kib = /^hugepages-(\d+)kB$/.exec(name)?.[1];
    if (kib === undefined) continue;
    const count = async (file: string) =>
      Number(await readText(host, `${directory}/${name}/${file}`));
    pages.set(Number(kib) * 1024, {
      total: await count('nr_hugepages'),
      free: await count('free_hugepages'),
    });
  }
  return pages;
}
