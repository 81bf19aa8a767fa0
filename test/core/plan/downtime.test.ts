import { expect, test } from 'vitest';
import { totalDowntime, withDowntime } from '../../../src/core/plan/downtime.ts';
import type { Manifest } from '../../../src/core/plan/manifest.ts';
import type { PlannedAction } from '../../../src/core/plan/plan.ts';
import { withinDowntime } from '../../../src/core/preflight/downtime.ts';

const unit = (index: number) => `vllmd-runtime@${index}.service`;
const manifest: Manifest = {
  schema: 1,
  lineage: 'l',
  generation: 1,
  vllmd: '1',
  config: { path: '/c', sha256: '' },
  files: [],
  links: [],
  dirs: [],
  units: [1, 2, 3].map((index) => ({
    name: unit(index),
    group: index,
    startDigest: '',
    startSeconds: 30 * index,
  })),
};
const action = (verb: PlannedAction['verb'], index: number): PlannedAction => ({
  verb,
  unit: unit(index),
  group: index,
  reason: '',
  phase: verb === 'stop' ? 'before' : 'after',
});
const actions = [
  action('stop', 1),
  action('start', 1),
  action('restart', 2),
  action('start', 3),
  action('restart', 4),
];

test('a restart, and a stop with its start, cost what the last start took; a first start costs nobody anything', () => {
  const known = withDowntime(actions, manifest);
  expect(known.map(({ downtimeSeconds }) => downtimeSeconds)).toEqual([
    undefined,
    30,
    60,
    undefined,
    undefined,
  ]);
  expect(totalDowntime(known)).toBe(90);
});

test('without a record nothing is known of the time that starts take', () => {
  expect(totalDowntime(withDowntime(actions, 'none'))).toBe(0);
});

test('more downtime than is allowed is refused, with both numbers and a way out', () => {
  const known = withDowntime(actions, manifest);
  expect(withinDowntime(known, 90_000)).toEqual([]);
  expect(withinDowntime(known, undefined)).toEqual([]);
  expect(withinDowntime(known, 60_000)).toEqual([
    expect.objectContaining({
      rule: 'max-downtime',
      message: expect.stringContaining('about 1m 30s in all, and --max-downtime is 1m'),
      help: expect.stringContaining('--only'),
    }),
  ]);
});
