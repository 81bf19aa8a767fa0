import { explainRule } from '../../src/cli/commands/explain-rule.ts';
import { describedHost, testWorld } from '../support/world.ts';

/** What `vllmd explain` prints about a rule, and below it what is said where the rule is broken. */
export async function pageOf(id: string, said?: string): Promise<string> {
  const world = testWorld(describedHost());
  await explainRule(id, { json: false }, world);
  return said === undefined ? world.out() : `${world.out()}\n---\n\n${said}\n`;
}

/** The first frame about this rule. */
export function frameOf(id: string, text: string): string {
  const frame = new RegExp(`^(?:error|warning|conflict)\\[${id}\\]: .*?(?=\\n\\n)`, 'ms');
  const [found] = frame.exec(`${text}\n\n`) ?? [];
  if (found === undefined) throw new Error(`nothing is said of ${id}:\n${text}`);
  return found;
}
