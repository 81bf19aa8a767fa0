/** More than any kernel can be built for (NR_CPUS is at most 8192 on x86); a list may come from elsewhere. */
const MOST = 65_535;

/** The numbers in a list such as `0-3,8,10-11` (/sys/devices/system/cpu/online); undefined when it is no list. */
export function parseCpuList(text: string): readonly number[] | undefined {
  const list = text.trim();
  // A node of memory alone has none.
  if (list === '') return [];
  const numbers: number[] = [];
  for (const range of list.split(',')) {
    const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(range) ?? [];
    if (first === undefined || Number(last ?? first) > MOST) return undefined;
    for (let number = Number(first); number <= Number(last ?? first); number += 1) {
      numbers.push(number);
    }
    if (numbers.length > MOST) return undefined;
  }
  return numbers;
}
