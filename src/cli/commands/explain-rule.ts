import { type ExampleReader, exampleReader } from '../../core/catalogue/example-reader.ts';
import type { Explanation } from '../../core/catalogue/explanation.ts';
import { explanations } from '../../core/catalogue/explanations.gen.ts';
import { findRule, nearestRule } from '../../core/catalogue/find-rule.ts';
import { quoted } from '../../core/config/show-value.ts';
import { exitCodes, VllmdError } from '../../core/failure.ts';
import { FORMAT_VERSION } from '../../core/report/format-version.ts';
import { type RuleLook, ruleHuman, ruleListHuman } from '../../core/report/rule-human.ts';
import { rulesJson } from '../../core/report/rule-json.ts';
import type { World } from '../../host/world.ts';
import { styleFor } from '../style-for.ts';
import { writeJson } from '../write-json.ts';

export type ExplainRuleOptions = { readonly json: boolean };

/** The long form of the rule with this id. */
export async function explainRule(
  id: string,
  options: ExplainRuleOptions,
  world: World,
): Promise<number> {
  const entry = findRule(id);
  if (entry === undefined) throw unknownRule(id);
  const reader = await readerOf(entry);
  return show([entry], (look) => ruleHuman(entry, { ...look, reader }), options, world);
}

async function readerOf(entry: Explanation): Promise<ExampleReader> {
  const file = entry.kind === 'rule' ? entry.file : undefined;
  if (file !== 'document.yaml') return exampleReader(file);
  const { documentReader } = await import('../../core/hive/files/document-reader.ts');
  return documentReader;
}

/** Every rule, with one line about each. */
export async function listRules(options: ExplainRuleOptions, world: World): Promise<number> {
  return show(explanations, (look) => ruleListHuman(explanations, look), options, world);
}

export function unknownRule(id: string): VllmdError {
  const meant = nearestRule(id);
  return new VllmdError(
    'notFound',
    `${quoted(id)}: there is no such rule`,
    meant === undefined
      ? '`vllmd explain --rules` lists them'
      : `did you mean \`vllmd explain ${meant}\`?`,
  );
}

function show(
  entries: readonly Explanation[],
  human: (look: RuleLook) => string,
  { json }: ExplainRuleOptions,
  world: World,
): number {
  if (json)
    writeJson({ format_version: FORMAT_VERSION, ok: true, rules: rulesJson(entries) }, world);
  else world.stdout.write(human(lookOf(world)));
  return exitCodes.ok;
}

function lookOf({ stdout }: World): RuleLook {
  return { style: styleFor(stdout), width: stdout.columns };
}
