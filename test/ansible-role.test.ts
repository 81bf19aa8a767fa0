import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { commands } from '../src/cli/define/commands.ts';
import { everySyntax, syntaxOf } from '../src/cli/define/grammar.ts';
import { exitCodes } from '../src/core/failure.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const role = join(root, 'packaging/ansible/roles/vllmd');
const read = (path: string) => readFileSync(join(role, path), 'utf8');

const hasPython = spawnSync('python3', ['--version']).status === 0;
if (!hasPython && process.env['CI'] !== undefined) throw new Error('there is no python3');

type Plan = {
  readonly changes: readonly {
    readonly path: string;
    readonly diff?: string;
    readonly secret: boolean;
  }[];
  readonly actions: readonly { readonly verb: string; readonly unit?: string }[];
  readonly drift: readonly { readonly path: string; readonly detail: string }[];
  readonly diagnostics: readonly { readonly severity: string; readonly message: string }[];
};
type Result = {
  readonly changed: boolean;
  readonly failed: boolean;
  readonly msg: string;
  readonly exit_code: number;
  readonly told: readonly string[];
};

/** Calls a function of what turns an answer into a result, once for each list of arguments. */
function call<Value>(name: string, calls: readonly (readonly unknown[])[]): readonly Value[] {
  const program = `
import json, sys
sys.path.insert(0, ${JSON.stringify(join(role, 'module_utils'))})
sys.dont_write_bytecode = True
import vllmd_answer
print(json.dumps([getattr(vllmd_answer, ${JSON.stringify(name)})(*one) for one in json.load(sys.stdin)]))
`;
  const input = JSON.stringify(calls);
  return JSON.parse(
    execFileSync('python3', ['-c', program], { input, encoding: 'utf8', maxBuffer: 64 * 2 ** 20 }),
  );
}

/** What a dry run has printed for each host below fixtures/. */
const plans: readonly (readonly [string, Plan])[] = readdirSync(join(root, 'fixtures'))
  .map((name) => [name, join(root, 'fixtures', name, 'expected/plan.json')] as const)
  .filter(([, file]) => existsSync(file))
  .map(([name, file]) => [name, JSON.parse(readFileSync(file, 'utf8'))]);

/** What would refuse a real run. */
function problemsOf({ drift, diagnostics }: Plan): readonly string[] {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  return [
    ...drift.map(({ path, detail }) => `${path}: ${detail}`),
    ...errors.map(({ message }) => message),
  ];
}

function isDue({ changes, actions }: Plan): boolean {
  return changes.length + actions.length > 0;
}

/** What a dry run has ended with, with --detailed-exitcode. */
function codeOf(plan: Plan): number {
  if (plan.drift.length > 0) return exitCodes.conflict;
  if (problemsOf(plan).length > 0) return exitCodes.preflight;
  return isDue(plan) ? exitCodes.pending : exitCodes.ok;
}

describe.skipIf(!hasPython)('an answer of vllmd as a result of Ansible', () => {
  test('is changed where there is something to do, and failed where a real run would be refused', () => {
    const results = call<Result>(
      'install_result',
      plans.map(([, plan]) => [codeOf(plan), plan, '', true]),
    );
    expect(plans.length).toBeGreaterThan(20);
    const told = plans.map(([name], at) => [name, results[at]?.failed, results[at]?.changed]);
    const wanted = plans.map(([name, plan]) => {
      const failed = problemsOf(plan).length > 0;
      return [name, failed, isDue(plan) && !failed];
    });
    expect(told).toEqual(wanted);
    for (const [at, [, plan]] of plans.entries()) {
      for (const problem of problemsOf(plan)) expect(results[at]?.msg).toContain(problem);
    }
  });

  test('has with --diff the differences of vllmd, each change and each action, and no other text of a file', () => {
    const diffs = call<readonly { readonly prepared: string }[]>(
      'diffs_of',
      plans.map(([, plan]) => [plan]),
    );
    for (const [index, [name, { changes, actions }]] of plans.entries()) {
      const texts = (diffs[index] ?? []).map(({ prepared }) => prepared);
      expect([name, texts.length]).toEqual([name, changes.length + Math.min(actions.length, 1)]);
      for (const [at, { path, diff = '' }] of changes.entries()) {
        const [head = '', ...rest] = (texts[at] ?? '').split('\n');
        expect(head.replace(/^\w+ \w+ /, '').slice(0, path.length)).toBe(path);
        expect(rest.join('\n')).toBe(diff);
      }
      for (const { verb } of actions) expect(texts.at(-1)).toContain(verb);
    }
  });

  test('has no text of a file without --diff', () => {
    const results = call<object>(
      'install_result',
      plans.map(([, plan]) => [codeOf(plan), plan, '', true]),
    );
    expect(JSON.stringify(results)).not.toContain('@@ -');
  });

  test('is ok with a warning where a restart is pending, and the plan of a second run where that goes on', () => {
    const [, plan] = plans.find(([name]) => name === 'minimal') ?? plans[0] ?? [];
    const pending = { ...plan, changes: [], actions: [], pending: ['vllmd-runtime@1.service'] };
    const [first] = call<Result>('install_result', [
      [exitCodes.restartPending, pending, '', false],
    ]);
    expect(first).toMatchObject({ failed: false, changed: false, exit_code: 9 });
    expect(first?.told.join()).toContain('vllmd-runtime@1.service');
  });

  test.each([
    ['nothing where all was taken back', [1, 2], false],
    ['what another runtime has got', [1], true],
  ])('says of a failed install that it has changed %s', (_, undone, changed) => {
    const answer = {
      changes: ['shared', 1, 2].map((group) => ({
        path: '/x',
        action: 'create',
        type: 'file',
        group,
      })),
      outcome: {
        failures: [{ unit: 'a.service', message: 'a.service did not start', journal: 'why\nso' }],
        rolled_back: undone,
        generation: 3,
        remaining: [],
      },
    };
    const [result] = call<Result>('install_result', [
      [4, answer, 'error: a.service did not start\n', false],
    ]);
    expect(result).toMatchObject({ failed: true, changed, exit_code: 4 });
    expect(result?.msg.split('\n').slice(1)).toEqual([
      'a.service did not start',
      '  | why',
      '  | so',
    ]);
  });

  test('has the commands that are left where the way back is not finished', () => {
    const remaining = [{ what: 'cannot stop x', command: 'systemctl stop x' }];
    const answer = { outcome: { failures: [], rolled_back: [], generation: null, remaining } };
    const [result] = call<Result>('install_result', [
      [8, answer, 'The way back is not finished\n', false],
    ]);
    expect(result).toMatchObject({ failed: true, changed: true, exit_code: 8 });
    expect(result?.msg).toMatch(/systemctl stop x[\s\S]*The way back is not finished/);
  });

  test('leaves out what there is nothing to decide about', () => {
    const [, drifted] = plans.find(([name]) => name === 'drifted-file') ?? [];
    const path = drifted?.drift[0]?.path ?? '';
    const choices = { keep_drift: [path, '/etc/passwd'], adopt: ['/etc/hosts'] };
    expect(call('choices_that_count', [[drifted, choices]])).toEqual([{ keep_drift: [path] }]);
  });

  test('of verify fails with what is not accepted, and where it could not look', () => {
    const findings = [
      { code: 'restart-pending', subject: 'a.service', detail: 'older' },
      { code: 'edited', subject: '/etc/vllmd/network.env', detail: 'edited' },
    ];
    const none = {
      ok: false,
      diagnostics: [{ severity: 'error', rule: 'unexpected', message: 'no' }],
    };
    const [both, accepted, blind] = call<Result>('verify_result', [
      [2, { findings, generation: 1 }, '', ['restart-pending']],
      [2, { findings: findings.slice(0, 1), generation: 1 }, '', ['restart-pending']],
      [1, none, '', ['restart-pending']],
    ]);
    expect(both).toMatchObject({ failed: true });
    expect(both?.msg).toContain('edited: /etc/vllmd/network.env: edited');
    expect(both?.msg).not.toContain('a.service');
    expect(accepted).toMatchObject({ failed: false, changed: false });
    expect(blind).toMatchObject({ failed: true });
    expect(blind?.msg).toContain('no [unexpected]');
  });
});

test('every exit code that is a failure has a meaning for those who read a play', () => {
  const [, table = ''] =
    /^MEANINGS = \{(.*?)^\}/ms.exec(read('module_utils/vllmd_answer.py')) ?? [];
  const known = [...table.matchAll(/^ {4}(\d+):/gm)].map(([, code]) => Number(code));
  const fine: readonly number[] = [exitCodes.ok, exitCodes.restartPending];
  const failing = Object.values(exitCodes).filter((code) => !fine.includes(code));
  expect(known).toEqual([...new Set(failing)]);
});

type Options = Readonly<
  Record<string, { readonly default?: unknown; readonly description: string }>
>;

/** What vllmd_install does by itself, what is of another command line, and what deletes a disk. */
const notOfTheModule =
  'json dry-run detailed-exitcode strict facts root plan plan-out purge-data quiet verbose help version';

test('the module has every option of an install that is for a fleet', () => {
  const install = everySyntax(syntaxOf(commands)).find(({ path }) => path.join(' ') === 'install');
  const names = (install?.flags ?? []).map(
    ({ names: [...all] }) => all.find((one) => one.startsWith('--')) ?? '',
  );
  const wanted = names
    .map((name) => name.replace(/^--(no-)?/, ''))
    .filter((name) => !notOfTheModule.split(' ').includes(name));
  const own = ['content', 'executable', 'ignored-rules'];
  const [, text = ''] =
    /^DOCUMENTATION = r'''\n(.*?)^'''/ms.exec(read('library/vllmd_install.py')) ?? [];
  const options: Options = parse(text).options;
  const documented = Object.keys(options).map((name) => name.replaceAll('_', '-'));
  expect(documented.toSorted()).toEqual([...new Set([...wanted, ...own])].sort());
});

test('every variable of the role is documented with the default that it has', () => {
  const defaults: Readonly<Record<string, unknown>> = parse(read('defaults/main.yml'));
  const specs: Options = parse(read('meta/argument_specs.yml')).argument_specs.main.options;
  expect(
    Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, spec.default])),
  ).toEqual(defaults);
  const readme = readFileSync(join(root, 'packaging/ansible/README.md'), 'utf8');
  const rows = [...readme.matchAll(/^\| `(vllmd_\w+)` \| (.*?) \| (.*) \|$/gm)];
  expect(
    rows.map(([, name = '', shown = '', text]) => [name, shown.replaceAll('`', ''), text]),
  ).toEqual(
    Object.entries(specs).map(([name, spec]) => [
      name,
      shownDefault(spec.default),
      spec.description,
    ]),
  );
});

function shownDefault(value: unknown): string {
  return Array.isArray(value) ? '[]' : String(value);
}
