import { findRule, nearestRule } from '../../core/catalogue/find-rule.ts';
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
  const { subject, rules } = options;
  if (rules !== (subject === undefined)) throw wrongUsage(rules);
  if (subject === undefined) return listRules(options, world);
  if (findRule(subject) !== undefined) return explainRule(subject, options, world);
  try {
    return await explain({ ...options, subject }, world);
  } catch (error) {
    throw isForgottenRule(error, subject) ? unknownRule(subject) : error;
  }
}

function wrongUsage(rules: boolean): VllmdError {
  return rules
    ? new VllmdError('usage', '--rules lists all rules and takes no subject', 'leave one out')
    : new VllmdError('usage', 'nothing to explain', 'name a rule, file, unit or key, or --rules');
}

/** Nothing else is close to it, or there is no config to look in, and it is spelled nearly as a rule is. */
function isForgottenRule(error: unknown, subject: string): boolean {
  if (!(error instanceof VllmdError) || nearestRule(subject) === undefined) return false;
  return error.exit === 'noConfig' || error.hint?.startsWith('did you mean') === false;
}
