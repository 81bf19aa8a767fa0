import { existsSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { hostRules } from '../../../src/core/vm/rules/host-wide.ts';
import { checkVm, uncheckedRules, vmRules } from '../../../src/core/vm/rules.ts';
import { vmCases as cases } from './cases/all.ts';
import { contextOf, type Side, vmOf } from './cases/rule-case.ts';
import { ruleIds } from './rule-ids.ts';

const REFERENCE = '../shared/reference/cloud-hypervisor.md';
const SCHEMA = 'schemas/cloud-hypervisor-vm-config.schema.json';

const fitsSchema = new Ajv({ strict: false }).compile(JSON.parse(readFileSync(SCHEMA, 'utf8')));

function problems(side: Side) {
  return checkVm(vmOf(side), contextOf(side));
}

function brokenRules(side: Side): readonly string[] {
  return sorted(new Set(problems(side).map(({ rule }) => rule)));
}

function sorted(list: Iterable<string>): readonly string[] {
  return [...list].sort();
}

test('the definition that all cases start from breaks no rule', () => {
  expect(problems({})).toEqual([]);
});

test('a definition without anything has problems, and no rule stumbles over it', () => {
  const found = checkVm({}, contextOf({ version: '' }));
  expect(sorted(new Set(found.map(({ rule }) => rule)))).toEqual(['C-PAY-1', 'G-2']);
});

describe('rules about one VM', () => {
  test.for(cases)('$id: $says', ({ id, at, breaks, allows, severity = 'error', isMalformed }) => {
    const found = problems(breaks).filter(({ rule }) => rule === id);
    expect(sorted(found.map((problem) => problem.at))).toEqual(sorted([at].flat()));
    expect(new Set(found.map((problem) => problem.severity))).toEqual(new Set([severity]));
    expect(brokenRules(breaks)).toEqual(sorted([id, ...(breaks.also ?? [])]));
    expect(brokenRules(allows)).toEqual(sorted(allows.also ?? []));
    if (isMalformed) return;
    expect(fitsSchema(vmOf(breaks)) || fitsSchema.errors).toBe(true);
    expect(fitsSchema(vmOf(allows)) || fitsSchema.errors).toBe(true);
  });

  test('each message names its key first, says what was found, and ends without a full stop', () => {
    const found = cases.flatMap(({ breaks }) => problems(breaks));
    for (const { at, message, help } of found) {
      expect(message).toMatch(at === '' ? /^the VM definition: \S/ : /^[\w.[\]]+: \S.*[^.\s]$/);
      expect(help).toMatch(/^\S.*[^.\s]$/);
    }
    expect(found.length).toBeGreaterThan(cases.length);
  });
});

test('messages name the key, the rule and the value', () => {
  const texts = ({ vm }: Side) => problems({ vm: vm ?? {} }).map(({ message }) => message);
  expect(texts({ vm: { 'disks.0.num_queues': 8 } })).toEqual([
    'disks[0].num_queues: 8 queues for 4 vCPUs; cloud-hypervisor allows at most one a vCPU',
  ]);
  expect(texts({ vm: { 'net.0.tap': 'vllmd-runtime-12' } })).toEqual([
    'net[0].tap: "vllmd-runtime-12" has 16 bytes; Linux allows 15',
  ]);
  expect(problems({ vm: { 'disks.0.num_queue': 1 } })).toEqual([
    {
      rule: 'R-SYS-4',
      at: '/disks/0/num_queue',
      message: 'disks[0].num_queue: unknown key, which cloud-hypervisor silently ignores',
      help: '`num_queues` is a key here',
      severity: 'error',
    },
  ]);
  expect(problems({ vm: { 'memory.reserve': true }, version: '51.2' })[1]).toEqual({
    rule: 'R-SYS-5',
    at: '/memory/reserve',
    message: 'memory.reserve: needs cloud-hypervisor 53, found 51.2',
    help: 'update cloud-hypervisor, or leave the key out: this one does not know it',
    severity: 'error',
  });
});

describe('the list of rules', () => {
  const ids = [...vmRules, ...hostRules, ...uncheckedRules].map(({ id }) => id);

  test('has every id once', () => {
    expect(sorted(ids)).toEqual(sorted(ruleIds));
  });

  test('has a broken and a kept case of every rule about one VM', () => {
    expect(sorted(new Set(cases.map(({ id }) => id)))).toEqual(sorted(vmRules.map(({ id }) => id)));
  });

  test('says why a rule cannot be checked', () => {
    expect(uncheckedRules.map(({ id }) => id)).toEqual(['C-NEV-1']);
    for (const { reason } of uncheckedRules) expect(reason).not.toBe('');
  });

  test.skipIf(!existsSync(REFERENCE))(
    'has the ids of the reference (skipped where ../shared/reference is not there)',
    () => {
      const text = readFileSync(REFERENCE, 'utf8');
      const tables = text.slice(text.indexOf('### 11.1'), text.indexOf('## 12.'));
      const rows = tables.matchAll(/^\| ([A-Z]+(?:-[A-Z]+)?-\d+) \|/gm);
      expect(sorted([...rows].map(([, id = '']) => id))).toEqual(sorted(ruleIds));
    },
  );
});
