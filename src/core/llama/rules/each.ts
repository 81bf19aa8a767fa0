import type { Diagnostic } from '../../diagnostic.ts';
import type { OptionUse } from '../uses.ts';
import type { ServerEntry } from '../written.ts';
import type { CheckedInstance, LlamaSubject } from './rule.ts';

// A file may have a thousand instances, of which there is nothing to tell: no list is made for each of their options.

/** What there is to tell of single options as they are on a command line. */
export function ofEachUse(
  { instances }: Pick<LlamaSubject, 'instances'>,
  tell: (use: OptionUse) => Diagnostic | undefined,
): readonly Diagnostic[] {
  const told: Diagnostic[] = [];
  for (const { uses } of instances) {
    for (const use of uses) {
      const problem = tell(use);
      if (problem !== undefined) told.push(problem);
    }
  }
  return told;
}

/** What there is to tell of single keys. */
export function ofEachEntry(
  { instances }: LlamaSubject,
  tell: (entry: ServerEntry, instance: CheckedInstance) => Diagnostic | undefined,
): readonly Diagnostic[] {
  const told: Diagnostic[] = [];
  for (const instance of instances) {
    for (const entry of instance.entries) {
      const problem = tell(entry, instance);
      if (problem !== undefined) told.push(problem);
    }
  }
  return told;
}
