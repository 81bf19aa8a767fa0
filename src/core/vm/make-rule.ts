import { keyName, showValue } from '../config/show-value.ts';
import type { Severity, VmContext, VmProblem, VmRule } from './rule.ts';
import type { VmConfig } from './vm-config.gen.ts';

/** A problem before its rule and the pointer of its part are known. */
export type Flaw = {
  /** Pointer inside the part without the first slash; '' for the part itself. */
  readonly key: string;
  readonly text: string;
  readonly help: string;
  readonly severity?: Severity;
};

export type Verdict = Flaw | readonly Flaw[] | false | undefined;

/** A part of a VM definition with its place. */
export type Part<Value> = {
  /** JSON pointer. */
  readonly at: string;
  readonly value: Value;
};

type Judge<Value> = (value: Value, vm: VmConfig, context: VmContext) => Verdict;

export function flaw(key: string, text: string, help: string): Flaw {
  return { key, text, help };
}

/** A rule that looks at the whole definition. */
export function vmRule(
  id: string,
  judge: (vm: VmConfig, context: VmContext) => Verdict,
  severity: Severity = 'error',
): VmRule {
  return {
    id,
    check: (vm, context) => problems(id, '', judge(vm, context), severity),
  };
}

/** Makes rules that look at one part after the other. */
export function partRules<Value>(
  partsOf: (vm: VmConfig) => readonly Part<Value>[],
): (id: string, judge: Judge<Value>, severity?: Severity) => VmRule {
  // Many rules look at the same parts.
  const known = new WeakMap<VmConfig, readonly Part<Value>[]>();
  const partsIn = (vm: VmConfig) => {
    const found = known.get(vm);
    if (found !== undefined) return found;
    const made = partsOf(vm);
    known.set(vm, made);
    return made;
  };
  return (id, judge, severity = 'error') => ({
    id,
    check: (vm, context) => {
      const found: VmProblem[] = [];
      for (const { at, value } of partsIn(vm)) {
        found.push(...problems(id, at, judge(value, vm, context), severity));
      }
      return found;
    },
  });
}

/** The elements of an array of the definition. */
export function parts<Value>(
  at: string,
  list: readonly Value[] | undefined,
): readonly Part<Value>[] {
  return (list ?? []).map((value, index) => ({ at: `${at}/${index}`, value }));
}

/** An object of the definition, if it is there. */
export function part<Value>(at: string, value: Value | undefined): readonly Part<Value>[] {
  return value === undefined ? [] : [{ at, value }];
}

/** The parts whose key an earlier part has already. */
function repeats<Value>(
  list: readonly Part<Value>[],
  keyOf: (value: Value) => string | number | undefined,
): readonly { readonly at: string; readonly key: string | number; readonly first: string }[] {
  const seen = new Map<string | number, string>();
  return list.flatMap(({ at, value }) => {
    const key = keyOf(value);
    if (key === undefined) return [];
    const first = seen.get(key);
    if (first !== undefined) return [{ at, key, first }];
    seen.set(key, at);
    return [];
  });
}

/** A flaw for each repeat; `name` is the key below the part that has the value. */
export function repeatFlaws<Value>(
  list: readonly Part<Value>[],
  keyOf: (value: Value) => string | number | undefined,
  name: string,
  help: string,
): readonly Flaw[] {
  return repeats(list, keyOf).map(({ at, key, first }) =>
    flaw(
      `${at.slice(1)}${name === '' ? '' : `/${name}`}`,
      `${showValue(key)} is already used by ${keyName(first)}`,
      help,
    ),
  );
}

const none: readonly VmProblem[] = [];

function problems(
  rule: string,
  base: string,
  verdict: Verdict,
  severity: Severity,
): readonly VmProblem[] {
  if (verdict === undefined || verdict === false) return none;
  const flaws: readonly Flaw[] = Array.isArray(verdict) ? verdict : [verdict as Flaw];
  return flaws.map((found) => problemAt(rule, base, found, severity));
}

/** The message starts with the key. */
export function problemAt(
  rule: string,
  base: string,
  { key, text, help, severity: own }: Flaw,
  severity: Severity,
): VmProblem {
  const at = key === '' ? base : `${base}/${key}`;
  const subject = at === '' ? 'the VM definition' : keyName(at);
  return { rule, at, message: `${subject}: ${text}`, help, severity: own ?? severity };
}
