import { expect, test } from 'vitest';
import { explanations } from '../../../src/core/catalogue/explanations.gen.ts';
import { findRule } from '../../../src/core/catalogue/find-rule.ts';
import { longForm } from '../../../src/core/catalogue/long-form.ts';
import { probeOf, saidElsewhere } from '../../../src/core/preflight/vm-definitions.ts';
import type { VmProbe } from '../../../src/core/vm/probe.ts';
import { checkVm } from '../../../src/core/vm/rules.ts';
import { vmCases } from '../vm/cases/all.ts';
import { hostCases, hostProblems } from '../vm/cases/host-wide.ts';
import { contextOf, type Side, vmOf } from '../vm/cases/rule-case.ts';

const definitions = explanations.flatMap((entry) => (entry.kind === 'definition' ? [entry] : []));

/** Of what a case knows about its host, what an install knows. */
function knownToInstall({
  onlineCpus,
  iommuAddressBits,
  physicalAddressBits,
  pciDevices = new Map(),
}: VmProbe = {}): VmProbe {
  const devices = [...pciDevices].map(([at, { bars = [] }]) => [at, { bars }] as const);
  return probeOf({
    onlineCpus: onlineCpus === undefined ? undefined : [...onlineCpus],
    pci: { iommuAddressBits, physicalAddressBits, devices: new Map(devices) },
  });
}

function isFound(id: string, side: Side): boolean {
  const { version } = contextOf(side);
  const context = { version, architecture: 'x86_64', probe: knownToInstall(side.probe) } as const;
  return checkVm(vmOf(side), context).some(({ rule }) => rule === id);
}

/** One answer a broken definition: whether an install would find it. */
function foundByInstall(id: string): readonly boolean[] {
  if (saidElsewhere.has(id)) return [false];
  return [
    ...vmCases.filter((one) => one.id === id).map(({ breaks }) => isFound(id, breaks)),
    ...hostCases
      .filter((one) => one.id === id)
      .map(({ breaks, probe }) =>
        hostProblems(breaks, knownToInstall(probe)).some(({ rule }) => rule === id),
      ),
  ];
}

test.for(definitions)('the page of $id says truly whether an install applies the rule', (entry) => {
  const { id, inInstall = '' } = entry;
  const found = foundByInstall(id);
  expect(found).not.toEqual([]);
  const { title, remedy } = longForm(entry);
  if (!found.includes(true)) {
    expect(inInstall).toMatch(/^(?:no: |`)/);
    expect(title).toMatch(/^Wrong in a VM definition: /);
    expect(remedy).toMatch(/^an install does not (?:apply|tell of) this rule: /);
  } else if (found.includes(false)) {
    expect(inInstall).toMatch(/^(?:in part: |`)/);
  } else {
    expect(inInstall).toMatch(/^(?:in part: .*)?$/);
  }
});

test('what an install checks instead has a page of its own', () => {
  const named = definitions.flatMap(
    ({ inInstall }) => inInstall?.match(/(?<=`)[a-z][\w-]+(?=`)/g) ?? [],
  );
  expect(named.length).toBeGreaterThan(10);
  for (const id of named) expect(findRule(id), id).toMatchObject({ kind: 'rule' });
});
