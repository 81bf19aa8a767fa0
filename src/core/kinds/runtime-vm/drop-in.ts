/** PCI addresses that a runtime's drop-in, as vllmd writes it, asks for. */
export function gpusOfDropIn(text: string): readonly string[] {
  return [...text.matchAll(/^Requires=vllmd-vfio@(.+)\.service$/gm)].flatMap(
    ([, address]) => address ?? [],
  );
}
