import { quoted } from '../../config/show-value.ts';
import { withNote } from '../../diagnostic.ts';
import { controlOf } from '../control.ts';
import type { CheckedInstance, LlamaRule } from './rule.ts';
import { doubtful, named } from './tell.ts';

/** Two instances that write one log: nobody can tell whose line is whose. */
export const logShared: LlamaRule = {
  id: 'llama-log-shared',
  check: ({ instances }) => {
    const first = new Map<string, CheckedInstance>();
    return instances.flatMap((instance) => {
      const file = controlOf(instance).logFile;
      const other = first.get(file);
      if (other === undefined) {
        first.set(file, instance);
        return [];
      }
      const at = placeOfLog(instance);
      const text = `${named(instance)} and ${named(other)} write one log, ${quoted(file)}`;
      const help = 'name one log_file an instance, or log_dir for all';
      const shared = doubtful('llama-log-shared', at, text, help);
      const place = placeOfLog(other);
      return place === at ? [shared] : [withNote(shared, place, 'first used here')];
    });
  },
};

function placeOfLog({ control: { logFile, logDir }, pointer }: CheckedInstance): string {
  return (logFile ?? logDir)?.pointer ?? pointer;
}
