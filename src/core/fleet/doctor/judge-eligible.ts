import { choose } from '../plan/choose.ts';
import { allows, misfit } from '../plan/eligible.ts';
import type { RuntimeBackend, RuntimesFile } from '../runtimes-file.ts';
import { type Finding, findingsOf } from './finding.ts';
import type { View } from './view.ts';

/** What no selection can use, on whatever host. A host that is named counts for the models that it may run. */
export function judgeEligible(file: RuntimesFile, { section, id }: View): readonly Finding[] {
  const isMeant = (one: { readonly id: string; readonly enabled: boolean }) =>
    id === undefined ? one.enabled : one.id === id;
  switch (section) {
    case 'backends':
      return file.backends.filter(isMeant).flatMap((backend) => judgeBackend(file, backend));
    case 'models':
      return judgeModels(file, file.models.filter(isMeant));
    case 'hosts':
      return judgeModels(
        file,
        file.models.filter(
          ({ enabled, host_policy }) => enabled && (id === undefined || allows(host_policy, id)),
        ),
      );
    default:
      return section satisfies never;
  }
}

function judgeBackend(file: RuntimesFile, backend: RuntimeBackend): readonly Finding[] {
  const { problem } = findingsOf(undefined);
  const excluded = file.hosts.map((host) => ({
    id: host.id,
    rule: host.enabled ? misfit(host, backend) : 'hosts[].enabled',
  }));
  if (excluded.some(({ rule }) => rule === undefined)) return [];
  const why = excluded.map((one) => `${one.id} is excluded by ${one.rule}`).join(', ');
  const detail = `backend ${backend.id} can run nowhere: ${why === '' ? 'there is no host' : why}`;
  return [problem('backend', detail, 'see its host_filters, and the backends that hosts have')];
}

function judgeModels(
  file: RuntimesFile,
  models: readonly { readonly id: string }[],
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
