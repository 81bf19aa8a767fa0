const AMOUNT = /^(\d{1,12}(?:\.\d{1,6})?)\s*([kmgt])(?:i?b)?$/i;
const GIB_IN: ReadonlyMap<string, number> = new Map([
  ['k', 2 ** -20],
  ['m', 2 ** -10],
  ['g', 1],
  ['t', 2 ** 10],
]);

/** How an amount with a unit, as `121G` or `64 GiB`, is written; undefined for another text. Of keys in `_gb` the unit is GiB. */
export function withoutUnit(text: string, key: string): string | undefined {
  const [, number = '', unit = ''] = AMOUNT.exec(text.trim()) ?? [];
  const factor = GIB_IN.get(unit.toLowerCase());
  if (factor === undefined) return undefined;
  if (!key.endsWith('_gb')) return 'write a number alone';
  return inGib(Number(number) * factor);
}

/** A whole number for a key in GiB, of which `gib` is not one or has another spelling. */
export function inGib(gib: number): string {
  const whole = Math.max(1, Math.ceil(gib));
  return gib === whole
    ? `write ${whole}: the unit is GiB`
    : `write a whole number of GiB, such as ${whole}`;
}
