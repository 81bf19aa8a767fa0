/** How many CPUs a list such as `0-3,8,10-11` (/sys/devices/system/cpu/online) names. */
export function countCpuList(text: string): number | undefined {
  const ranges = text.trim().split(',');
  let count = 0;
  for (const range of ranges) {
    const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(range) ?? [];
    if (first === undefined) return undefined;
    count += Number(last ?? first) - Number(first) + 1;
  }
  return count;
}
