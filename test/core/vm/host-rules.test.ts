import { expect, test } from 'vitest';
import { hostRules } from '../../../src/core/vm/rules/host-wide.ts';
import { checkVms } from '../../../src/core/vm/rules.ts';
import {
  AUDIO_PATH,
  hostCases as cases,
  devices,
  HUGE,
  ONE_GROUP,
  hostProblems as problems,
} from './cases/host-wide.ts';
import { contextOf, GPU_PATH, vmOf } from './cases/rule-case.ts';

test.for(cases)('$id: $says', ({ id, problems: expected, breaks, allows, probe }) => {
  const found = problems(breaks, probe).filter(({ index }) => index === 7);
  expect(found.map(({ at, message }) => `${at} ${message}`)).toEqual(expected);
  expect(new Set(found.map(({ rule }) => rule))).toEqual(new Set([id]));
  expect(new Set(found.map(({ severity }) => severity))).toEqual(new Set(['error']));
  expect(problems(allows, probe)).toEqual([]);
});

test('every host-wide rule has a case', () => {
  expect(cases.map(({ id }) => id)).toEqual(hostRules.map(({ id }) => id));
});

test('a device that two VMs name is said once, as a device', () => {
  const found = problems([devices(GPU_PATH), devices(GPU_PATH)], ONE_GROUP);
  expect(found.map(({ rule }) => rule)).toEqual(['H-5']);
});

test('groups and hugepages are no problem while nobody has looked', () => {
  expect(problems([devices(GPU_PATH), devices(AUDIO_PATH)])).toEqual([]);
  expect(problems([HUGE, HUGE])).toEqual([]);
});

test('pages of a size that the host does not have are too many, at each VM that wants them', () => {
  const found = problems([HUGE, HUGE], { hugepages: new Map() });
  expect(found.map(({ rule, index }) => `${rule} ${index}`)).toEqual(['H-8 3', 'H-8 7']);
});

test('one VM shares nothing with itself', () => {
  const vm = vmOf({ vm: { 'disks.1': { path: '/var/lib/vllmd/1/root.raw', image_type: 'Raw' } } });
  expect(checkVms([{ index: 1, vm }], contextOf({}))).toEqual([]);
});
