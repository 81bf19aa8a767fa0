import { expect, test } from 'vitest';
import type { Action } from '../../../src/core/plan/action.ts';
import type { Change } from '../../../src/core/plan/change.ts';
import { absent } from '../../../src/core/plan/observed.ts';
import { touchedUnits } from '../../../src/core/plan/touched-units.ts';
import { fixtureArtefacts } from '../../support/fixtures.ts';

const artefacts = (await fixtureArtefacts('contract-example')) ?? [];

function change(name: string, verb: Change['verb'] = 'update'): Change {
  const path = `/etc/systemd/system/${name}`;
  return {
    verb,
    type: 'file',
    path,
    group: 'shared',
    reason: '',
    before: absent,
    sensitive: false,
  };
}

test.for<[string, readonly string[]]>([
  ['vllmd.slice', ['vllmd.slice']],
  [
    'vllmd-runtime@1.service.d/10-vllmd.conf',
    ['vllmd-runtime@1.service', 'vllmd-vfio@0000:01:00.0.service'],
  ],
  [
    'vllmd-runtime-pre-start@.service',
    [
      'vllmd-runtime-pre-start@1.service',
      'vllmd-runtime-pre-start@2.service',
      'vllmd-vfio@0000:01:00.0.service',
      'vllmd-vfio@0000:02:00.0.service',
    ],
  ],
  ['vllmd-vfio@.service', ['vllmd-vfio@0000:01:00.0.service', 'vllmd-vfio@0000:02:00.0.service']],
  ['vllmd-runtime@7.service.d/10-vllmd.conf', []],
  ['sshd.service', []],
])('a change of %s touches each unit that is made of it', ([name, units]) => {
  expect(touchedUnits(artefacts, [change(name)])).toEqual(units);
});

test.for<[Action['verb'], string, readonly string[]]>([
  [
    'restart',
    'vllmd-runtime@1.service',
    [
      'vllmd-runtime-pre-start@1.service',
      'vllmd-runtime@1.service',
      'vllmd-vfio@0000:01:00.0.service',
    ],
  ],
  ['start', 'vllmd.target', ['vllmd.target']],
  ['reload', 'vllmd-network.service', ['vllmd-network.service']],
  ['stop', 'vllmd-runtime@1.service', []],
  ['restart', 'vllmd-runtime@7.service', []],
])('a %s of %s touches it, with what it needs to start', ([verb, unit, units]) => {
  expect(touchedUnits(artefacts, [], [{ verb, unit }])).toEqual(units);
});

test('what is no text of a unit touches none', () => {
  expect(touchedUnits(artefacts, [change('vllmd.slice', 'metadata')])).toEqual([]);
  expect(touchedUnits(artefacts, [{ ...change('x'), path: '/etc/vllmd/vfio.env' }])).toEqual([]);
  expect(touchedUnits([], [change('vllmd.slice', 'delete')])).toEqual([]);
});
