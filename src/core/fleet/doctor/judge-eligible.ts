import { choose } from '../plan/choose.ts';
import type { RuntimeModel, RuntimesFile } from '../runtimes-file.ts';
import { type Finding, findingsOf } from './finding.ts';

/** Which of the models no selection can start, on whatever host. */
export function judgeEligible(
  file: RuntimesFile,
  models: readonly RuntimeModel[],
): readonly Finding[] {
  const { problem } = findingsOf(undefined);
  return models.flatMap(({ id }) => {
    const choice = choose(file, { modelId: id, isForced: false });
    if (choice.ok) return [];
    const { reason, rejected } = choice.error;
    const pairs = rejected.map(({ hostId, backendId, rule }) => {
      const backend = backendId === undefined ? '' : ` with backend ${backendId}`;
      return `${hostId}${backend} is excluded by ${rule}`;
    });
    const why = pairs.length === 0 ? reason : pairs.join(', ');
    const help = 'see its host_policy and backend_policy, and the backends that hosts have';
    return [problem('model', `model ${id} can run nowhere: ${why}`, help)];
  });
}
