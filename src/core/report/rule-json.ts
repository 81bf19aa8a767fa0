import type { Explanation } from '../catalogue/explanation.ts';
import { longForm } from '../catalogue/long-form.ts';

/** The same facts as `ruleHuman` and `ruleListHuman` show. */
export type RuleJson = {
  readonly id: string;
  readonly area: string;
  /** In one sentence. */
  readonly title: string;
  readonly why: string;
  readonly what_to_do: string;
  readonly source?: string;
  /** `llama.toml` where the examples are no configs of a host. */
  readonly file?: string;
  /** Whole configs: one that breaks this rule alone, and the same repaired. */
  readonly wrong?: string;
  readonly right?: string;
};

export function rulesJson(entries: readonly Explanation[]): readonly RuleJson[] {
  return entries.map((entry) => {
    const { remedy, ...rest } = longForm(entry);
    return { ...rest, what_to_do: remedy };
  });
}
