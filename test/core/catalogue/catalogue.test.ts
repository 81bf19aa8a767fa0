import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { explanations } from '../../../src/core/catalogue/explanations.gen.ts';
import { findRule, nearestRule } from '../../../src/core/catalogue/find-rule.ts';
import { configKeys, configSince } from '../../../src/core/config/config-input.gen.ts';
import { exitCodes } from '../../../src/core/failure.ts';
import { fleetRules } from '../../../src/core/fleet/rules/rules.ts';
import { llamaRules } from '../../../src/core/llama/rules/rules.ts';
import { hostChecks } from '../../../src/core/preflight/vfio/vfio-preflight.ts';
import { rules } from '../../../src/core/rules/rules.ts';
import { hostRules } from '../../../src/core/vm/rules/host-wide.ts';
import { vmRules } from '../../../src/core/vm/rules.ts';

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.gen.ts'))
  .map((name) => ({ name, text: readFileSync(`src/${name}`, 'utf8') }));

/** Files that pass on a rule: of their caller, whose calls are looked at instead, or of the rules about definitions. */
const PASS_ON = [
  'core/config/problem.ts',
  'core/fleet/rules/tell.ts',
  'core/llama/rules/tell.ts',
  'core/preflight/check.ts',
  'core/preflight/vm-definitions.ts',
  'core/rules/repeats.ts',
];

/** What stands for the rule in each call of an imported maker of diagnostics. */
const calls = files.flatMap(({ name, text }) => {
  const imports = text.match(/^import \{[^}]*\} from '[^']*';$/gm)?.join('\n') ?? '';
  const makers = [
    'errorAt',
    'warningAt',
    'ofHost',
    'problem',
    'repeats',
    'wrong',
    'doubtful',
  ].filter((maker) =>
    new RegExp(`\\b${maker}\\b[^']*'[^']*/(?:diagnostic|check|problem|repeats|tell)\\.ts'`).test(
      imports,
    ),
  );
  return makers.flatMap((maker) =>
    [...text.matchAll(new RegExp(`\\b${maker}\\(\\s*([^,)]*)`, 'g'))].map(([, rule = '']) => ({
      name,
      rule,
    })),
  );
});

/** Ids that stand as text in the sources. */
function writtenIds(): readonly string[] {
  const inCalls = calls.flatMap(({ rule }) => /^'([\w-]+)'$/.exec(rule)?.[1] ?? []);
  const inObjects = files.flatMap(({ text }) =>
    [...text.matchAll(/\brule: '([\w-]+)'/g)].map(([, id = '']) => id),
  );
  const versions = Object.values(configSince).flatMap((keys) => Object.values(keys));
  const conflicts = files.flatMap(({ text }) =>
    [...text.matchAll(/type Conflict = \{\s*readonly kind: ([^;]*);/g)].flatMap(([, kinds = '']) =>
      [...kinds.matchAll(/'([\w-]+)'/g)].map(([, kind = '']) => kind),
    ),
  );
  const checks = files
    .filter(({ name }) => name.startsWith('core/precheck/'))
    .flatMap(({ text }) => [...text.matchAll(/\bid: '([\w-]+)',\s+subsystem\b/g)])
    .map(([, id = '']) => id);
  return [
    ...inCalls,
    ...checks,
    ...inObjects,
    ...conflicts,
    ...versions.map((version) => `needs-version-${version}`),
    ...Object.keys(exitCodes)
      .filter((name) => name !== 'ok')
      .map((name) => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)),
  ];
}

function sorted(ids: Iterable<string>): readonly string[] {
  return [...new Set(ids)].sort();
}

test('every call that makes a diagnostic says its rule as text, where it does not pass one on', () => {
  expect(calls.length).toBeGreaterThan(90);
  const others = calls.filter(({ rule }) => !/^'[\w-]+'$/.test(rule));
  expect(sorted(others.map(({ name }) => name))).toEqual(sorted(PASS_ON));
});

test('every rule has a page, and every page a rule', () => {
  const listed = [
    ...rules,
    ...llamaRules,
    ...fleetRules,
    ...hostChecks,
    ...vmRules,
    ...hostRules,
  ].map(({ id }) => id);
  const known = sorted(explanations.map(({ id }) => id));
  expect(known).toEqual(sorted([...writtenIds(), ...listed]));
});

test('every rule about definitions has a row of the table, and no other rule has', () => {
  const rows = explanations.filter(({ kind }) => kind === 'definition').map(({ id }) => id);
  expect(sorted(rows)).toEqual(sorted([...vmRules, ...hostRules].map(({ id }) => id)));
  expect(new Set(rows).size).toBe(rows.length);
});

test('every page begins with a sentence and says why and what to do', () => {
  for (const entry of explanations) {
    if (entry.kind !== 'rule') continue;
    for (const text of [entry.title, entry.why, entry.remedy]) expect(text).toMatch(/\S[.)]$/);
  }
});

test('an id stands for one thing only', () => {
  const ids = explanations.map(({ id }) => id);
  expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
});

test('a rule is found in any case of its letters', () => {
  expect(findRule('GPU-Assigned-Once')?.id).toBe('gpu-assigned-once');
  expect(findRule('r-dsk-3')?.id).toBe('R-DSK-3');
  expect(findRule('/etc/systemd/system')).toBeUndefined();
});

test('the id that was meant is proposed, where one is close', () => {
  expect(nearestRule('gpu-asigned-once')).toBe('gpu-assigned-once');
  expect(nearestRule('unknown_key')).toBe('unknown-key');
  expect(nearestRule('something-else-entirely')).toBeUndefined();
});

test('no id is a key of the config, so that one word means one thing to explain', () => {
  // A key of a table within another one is named with both.
  const tables = Object.entries(configKeys).filter(([table]) => !table.includes('.'));
  const keys = new Set(tables.flatMap(([table, own]) => [table, ...own]));
  expect(explanations.filter(({ id }) => keys.has(id))).toEqual([]);
});

test('what is printed of every rule is compared, and of nothing else', () => {
  const compared = readdirSync('test/rules/expected').map((name) => name.replace(/\.txt$/, ''));
  expect(sorted(compared)).toEqual(sorted(explanations.map(({ id }) => id)));
});
