import { findRule, nearestRule } from '../../core/catalogue/find-rule.ts';
import { hasKey, tableNames } from '../../core/config/schema-keys.ts';
import { quoted } from '../../core/config/show-value.ts';
import { VllmdError } from '../../core/failure.ts';
import type { World } from '../../host/world.ts';
import { type ExplainOptions, explain } from './explain.ts';
import { explainRule, listRules, unknownRule } from './explain-rule.ts';

export type ExplainSubjectOptions = Omit<ExplainOptions, 'subject'> & {
  /** A rule, or what `explain` takes. */
  readonly subject?: string | undefined;
  readonly rules: boolean;
};

/** A rule needs no config and no host; all else is asked of both. */
export async function explainSubject(
  options: ExplainSubjectOptions,
  world: World,
): Promise<number> {
  const { rules } = options;
  const subject = options.subject === '' ? undefined : options.subject;
  if (rules !== (subject === undefined)) throw wrongUsage(rules);
  if (subject === undefined) return listRules(options, world);
  if (findRule(subject) !== undefined) return explainRule(subject, options, world);
  try {
    return await explain({ ...options, subject }, world);
  } catch (error) {
    throw withoutConfig(error, subject, options.config);
  }
}

function wrongUsage(rules: boolean): VllmdError {
  return rules
    ? new VllmdError('usage', '--rules lists all rules and takes no subject', 'leave one out')
    : new VllmdError('usage', 'nothing to explain', 'name a rule, file, unit or key, or --rules');
}

/** Where there is no config to look in, a single word is rather a rule, unless it is a table or a key. */
function withoutConfig(error: unknown, subject: string, config: string | undefined): unknown {
  if (!(error instanceof VllmdError) || error.exit !== 'noConfig') return error;
  const isKey = tableNames.some((table) => table === subject || hasKey(table, subject));
  if (isKey || !/^[\w-]+$/.test(subject)) return error;
  if (nearestRule(subject) !== undefined) return unknownRule(subject);
  return new VllmdError(
    'noConfig',
    `${quoted(subject)} is no rule; ${error.message}`,
    config === undefined
      ? '`vllmd explain --rules` lists the rules; for a file, a unit or a key name the config with --config FILE'
      : '`vllmd explain --rules` lists the rules',
  );
}
