import type { Mode } from '../config/mode.ts';

/** The long form of one rule; the texts are those of docs/rules. */
export type Explanation = RuleExplanation | DefinitionExplanation;

/** Of a rule about the config, the host or a command. */
export type RuleExplanation = {
  readonly kind: 'rule';
  readonly id: string;
  /** What it is about, as a heading. */
  readonly area: string;
  /** What holds where it is kept, in one sentence. */
  readonly title: string;
  /** What breaks where it is not. */
  readonly why: string;
  readonly remedy: string;
  readonly source?: string;
  /** Of the wrong example, where it is not strict. */
  readonly mode?: Mode;
  /** What the examples are called where they are no config of a host. */
  readonly file?: 'llama.toml' | 'runtimes.json' | 'document.yaml';
  /** A whole config that breaks this rule and no other. */
  readonly wrong?: string;
  /** The same, repaired. */
  readonly right?: string;
};

/** Of a rule about the definitions that cloud-hypervisor gets. */
export type DefinitionExplanation = {
  readonly kind: 'definition';
  readonly id: string;
  readonly area: string;
  readonly refused: string;
  /** The error of cloud-hypervisor, or what happens without one. */
  readonly otherwise: string;
  readonly source?: string;
  /** The step of cloud-hypervisor that finds it. */
  readonly when?: string;
  /** Its first version that checks it, where 51 does not. */
  readonly since?: string;
  /** Where an install does not apply it as a whole: ids of what it checks instead, or `no: …` or `in part: …`. */
  readonly inInstall?: string;
};
