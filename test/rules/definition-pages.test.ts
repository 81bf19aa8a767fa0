import { expect, test } from 'vitest';
import { explanations } from '../../src/core/catalogue/explanations.gen.ts';
import type { VmProblem } from '../../src/core/vm/rule.ts';
import { checkVm } from '../../src/core/vm/rules.ts';
import { vmCases } from '../core/vm/cases/all.ts';
import { hostCases, hostProblems } from '../core/vm/cases/host-wide.ts';
import { contextOf, vmOf } from '../core/vm/cases/rule-case.ts';
import { pageOf } from './page.ts';

/** What is said of the broken definitions of a rule. */
function problemsOf(id: string): readonly VmProblem[] {
  const ofOne = vmCases
    .filter((one) => one.id === id)
    .flatMap(({ breaks }) => checkVm(vmOf(breaks), contextOf(breaks)));
  const ofAll = hostCases
    .filter((one) => one.id === id)
    .flatMap(({ breaks, probe }) => hostProblems(breaks, probe));
  return [...ofOne, ...ofAll].filter(({ rule }) => rule === id);
}

function shown({ severity, rule, message, help }: VmProblem): string {
  return `${severity}[${rule}]: ${message}\n  = help: ${help}`;
}

const ids = explanations.filter(({ kind }) => kind === 'definition').map(({ id }) => id);

test.for(ids)('the page of %s, and what is said of definitions that break it', async (id) => {
  const said = [...new Set(problemsOf(id).map(shown))];
  expect(said).not.toEqual([]);
  await expect(await pageOf(id, said.join('\n\n'))).toMatchFileSnapshot(`expected/${id}.txt`);
});
