import type { Shape } from './shape.ts';
import type { Reach } from './variable.ts';

export type Sample = { readonly value: unknown; readonly reach: Reach };

/** Of every format that a pattern of the schema asks for. */
const TEXTS = [
  '0000:fe:1f.7',
  '0000:fd:1e.6',
  '192.0.2.53',
  'http://192.0.2.53:1',
  'http://192.0.2.53:2',
  '198.51.100.0/25',
  '10.200.0.0/16',
  '06:00:00:00:00:01',
  '06:00:00:00:00:02',
  'explain',
  'other',
];
/** Two of a kind: one may happen to mean what is there already. */
const ENOUGH = 2;

/**
 * Other values that a key may have; `current` is undefined where it has none. `candidates` are texts that mean something on
 * this host, tried besides the made-up ones where they have the form.
 */
export function samplesOf(
  shape: Shape,
  current: unknown,
  candidates: readonly string[] = [],
): readonly Sample[] {
  switch (shape.kind) {
    case 'boolean':
      return near([true, false], current);
    case 'choice':
      return near(shape.values, current);
    case 'integer':
      return integers(shape, current);
    case 'text':
      return near(texts(shape.pattern, current, candidates), current);
    case 'list':
      return lists(shape.items, current, candidates);
  }
  return shape satisfies never;
}

function near(values: readonly unknown[], current: unknown): readonly Sample[] {
  return values.filter((value) => value !== current).map((value) => ({ value, reach: 'near' }));
}

/** A step alone would miss what is rounded or has a threshold; so the bounds are tried as well. */
function integers(
  { minimum, maximum }: { readonly minimum: number; readonly maximum: number },
  current: unknown,
): readonly Sample[] {
  const steps =
    typeof current === 'number' ? [current + 1, current - 1] : [minimum + 1, minimum + 4];
  const inRange = steps.filter((value) => value >= minimum && value <= maximum);
  const bounds = [minimum, maximum].filter(
    (value) => value !== current && !inRange.includes(value),
  );
  return [...near(inRange, current), ...bounds.map((value) => ({ value, reach: 'far' as const }))];
}

function texts(
  pattern: RegExp,
  current: unknown,
  candidates: readonly string[],
): readonly string[] {
  const own = typeof current === 'string' ? [`${current}x`, `x${current}`] : [];
  // A path is absolute, or begins with a variable: it goes on at its end.
  const isOther = (text: string) => pattern.test(text) && text !== current;
  const made = [...own, '/explain/a', '/explain/b', ...TEXTS].filter(isOther).slice(0, ENOUGH);
  return [...made, ...candidates.filter(isOther)];
}

function lists(items: Shape, current: unknown, candidates: readonly string[]): readonly Sample[] {
  const list: readonly unknown[] = Array.isArray(current) ? current : [];
  const others = samplesOf(items, undefined, candidates)
    .map(({ value }) => value)
    .filter((value) => !list.includes(value));
  const added = others.map((value) => [...list, value]);
  // The order may count, and a line that comes has its place among those of the other items.
  const before = others
    .slice(0, 1)
    .flatMap((value) => list.map((_, at) => list.toSpliced(at, 0, value)));
  const turned = list.length < 2 ? [] : [list.toReversed()];
  const shorter = list.length === 0 ? [] : [[]];
  return [...shorter, ...added, ...before, ...turned].map((value) => ({ value, reach: 'near' }));
}
