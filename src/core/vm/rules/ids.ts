import { quoted } from '../../config/show-value.ts';
import { identified } from '../facts-of.ts';
import { flaw, partRules, parts, repeatFlaws, vmRule } from '../make-rule.ts';
import type { VmRule } from '../rule.ts';

const ACCESS = ['r', 'w', 'rw'];

const anything = partRules(identified);
const landlock = partRules((vm) => parts('/landlock_rules', vm.landlock_rules));

/** Ids, and the paths of Landlock. */
export const idRules: readonly VmRule[] = [
  anything(
    'C-ID-1',
    ({ id = '' }) =>
      id.startsWith('__') &&
      flaw('id', `${quoted(id)} starts with __, as cloud-hypervisor's own ids do`, 'rename it'),
  ),
  vmRule('C-ID-2', (vm) =>
    repeatFlaws(identified(vm), ({ id }) => id, 'id', 'ids are unique over all kinds of devices'),
  ),
  landlock(
    'C-LND-1',
    ({ path }, _vm, { probe }) =>
      probe.files?.get(path)?.isThere === false &&
      flaw('path', `${quoted(path)} does not exist`, 'leave the rule out'),
  ),
  landlock(
    'C-LND-2',
    ({ access }) =>
      !ACCESS.includes(access) &&
      flaw('access', `must be r, w or rw, got ${quoted(access)}`, 'use rw'),
  ),
];
