import { acsChecks } from './acs.ts';
import { type Check, type Subsystem, subsystems, type Verdict } from './check.ts';
import { configChecks } from './config.ts';
import { cpuChecks } from './cpu.ts';
import { gpuInterruptChecks } from './gpu-interrupts.ts';
import { gpuChecks } from './gpus.ts';
import { iommuChecks } from './iommu.ts';
import { kernelChecks } from './kernel.ts';
import { kvmChecks } from './kvm.ts';
import { limitChecks } from './limits.ts';
import { memoryHostChecks } from './memory.ts';
import { mitigationChecks } from './mitigations.ts';
import { networkHostChecks } from './network.ts';
import { softwareHostChecks } from './software.ts';
import { storageChecks } from './storage.ts';
import { takenOver, usableGpus } from './taken-over.ts';
import type { PrecheckView } from './view.ts';

/** Everything that is looked at. What preflight says comes along; the others say what it does not, or that it is well. */
const all: readonly ((view: PrecheckView) => readonly Check[])[] = [
  takenOver,
  usableGpus,
  cpuChecks,
  kvmChecks,
  iommuChecks,
  acsChecks,
  gpuChecks,
  gpuInterruptChecks,
  memoryHostChecks,
  kernelChecks,
  mitigationChecks,
  softwareHostChecks,
  storageChecks,
  networkHostChecks,
  limitChecks,
  configChecks,
];

export type Precheck = {
  readonly isReady: boolean;
  /** 0 to 100: that of the worst subsystem. */
  readonly score: number;
  /** In the order of `subsystems`; those with nothing to look at are left out. */
  readonly subsystems: readonly ScoredSubsystem[];
};

type ScoredSubsystem = {
  readonly name: Subsystem;
  readonly score: number;
  /** The worst first. */
  readonly checks: readonly Check[];
};

/** A host is ready when nothing fails. */
export function precheck(view: PrecheckView): Precheck {
  const checks = all.flatMap((look) => look(view));
  const scored = subsystems.flatMap((name) => {
    const own = checks.filter(({ subsystem }) => subsystem === name);
    const sorted = own.toSorted((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict));
    return own.length === 0 ? [] : [{ name, score: scoreOf(own), checks: sorted }];
  });
  return {
    isReady: checks.every(({ verdict }) => verdict !== 'fail'),
    score: Math.min(...scored.map(({ score }) => score)),
    subsystems: scored,
  };
}

const order: readonly Verdict[] = ['fail', 'risk', 'warn', 'info', 'pass'];

/** What a check takes from 100. */
const costs: Readonly<Record<Verdict, number>> = { fail: 60, risk: 20, warn: 10, info: 0, pass: 0 };

/** One kind of problem counts once, on however many devices it is. */
function scoreOf(checks: readonly Check[]): number {
  const worst = new Map<string, number>();
  for (const { id, verdict } of checks) {
    worst.set(id, Math.max(worst.get(id) ?? 0, costs[verdict]));
  }
  const cost = [...worst.values()].reduce((sum, one) => sum + one, 0);
  return Math.max(0, 100 - cost);
}
