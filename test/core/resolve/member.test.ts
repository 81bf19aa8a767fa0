import { expect, test } from 'vitest';
import {
  byMember,
  type InstanceKey,
  instanceKey,
  isMember,
  isMemberUnit,
  type Member,
  memberDropIn,
  memberInWords,
  memberLink,
  memberName,
  memberOfUnit,
  membersInWords,
  memberTemplate,
  memberUnit,
} from '../../../src/core/resolve/member.ts';

const small: InstanceKey = instanceKey('glm-4.7');

test('a runtime is named by its index and an instance by its name', () => {
  expect([2, small].map(memberName)).toEqual([2, 'glm-4.7']);
  expect([2, small].map(memberUnit)).toEqual([
    'vllmd-runtime@2.service',
    'vllmd-llama@glm-4.7.service',
  ]);
  expect([2, small].map(memberTemplate)).toEqual([
    '/etc/systemd/system/vllmd-runtime@.service',
    '/etc/systemd/system/vllmd-llama@.service',
  ]);
  expect([2, small].map(memberDropIn)).toEqual([
    '/etc/systemd/system/vllmd-runtime@2.service.d/10-vllmd.conf',
    '/etc/systemd/system/vllmd-llama@glm-4.7.service.d/10-vllmd.conf',
  ]);
  expect([2, small].map(memberLink)).toEqual([
    '/etc/systemd/system/vllmd.target.wants/vllmd-runtime@2.service',
    '/etc/systemd/system/vllmd-llama.target.wants/vllmd-llama@glm-4.7.service',
  ]);
  expect([2, small].map(memberInWords)).toEqual(['runtime 2', 'instance glm-4.7']);
});

test('a unit leads back to its member, and what only prepares one does not', () => {
  for (const member of [0, 12, small, instanceKey('7')]) {
    expect(memberOfUnit(memberUnit(member))).toBe(member);
  }
  for (const unit of [
    'vllmd-runtime-pre-start@1.service',
    'vllmd-runtime@x.service',
    'vllmd-llama-recover.service',
    'vllmd-llama.target',
    undefined,
  ]) {
    expect(isMemberUnit(unit)).toBe(false);
  }
});

test('several are told in order', () => {
  expect(membersInWords([])).toBe('runtime -');
  expect(membersInWords([5])).toBe('runtime 5');
  expect(membersInWords([10, 2])).toBe('runtimes 2 and 10');
  expect(membersInWords(['b', 'a', 'c', 'a'].map(instanceKey))).toBe('instances a, a, b and c');
});

test('runtimes come before instances', () => {
  const members: readonly Member[] = [small, 10, instanceKey('a'), 2];
  expect(members.toSorted(byMember)).toEqual([2, 10, instanceKey('a'), small]);
});

test('what stands in a record is a member only where it could be in the name of a unit', () => {
  for (const value of [0, 3, small, 'instance:7']) expect(isMember(value)).toBe(true);
  for (const value of [
    1.5,
    '3',
    'shared',
    'instance:',
    'instance:../x',
    'instance:a b',
    'instance:-x',
    null,
    undefined,
    {},
  ]) {
    expect(isMember(value)).toBe(false);
  }
});
