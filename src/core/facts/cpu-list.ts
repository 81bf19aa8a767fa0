/** The numbers in a list such as `0-3,8,10-11` (/sys/devices/system/cpu/online); undefined when it is no list. */
export function parseCpuList(text: string): readonly number[] | undefined {
  const list = text.trim();
  // A node of memory alone has none.
  if (list === '') return [];
  const numbers: number[] = [];
  for (const range of list.split(',')) {
    const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(range) ?? [];
    if (first === undefined) return undefined;
    for (let number = Number(first); number <= Number(last ?? first); number += 1) {
      numbers.push(number);
    }
  }
  return numbers;
}
