import { expect, test } from 'vitest';
import { targetAsset } from '../../../../src/core/hive/policy/target-asset.ts';
import { asset, service } from '../samples.ts';

test('a request uses the asset of its name, else the first that is loaded, else the first', () => {
  const cold = (id: string) => asset(id, { loaded: false });
  const { row } = service('h1/a', { assets: [cold('x'), asset('y'), asset('z')] });
  expect(['x', 'z', 'other'].map((name) => targetAsset(row, name)?.asset_id)).toEqual([
    'x',
    'z',
    'y',
  ]);
  expect(targetAsset(service('h1/b', { assets: [cold('x'), cold('y')] }).row, 'r')?.asset_id).toBe(
    'x',
  );
  expect(targetAsset(service('h1/c').row, 'r')).toBeUndefined();
});
