import type { RuntimeModel } from '../runtimes-file.ts';
import { type Finding, findingsOf } from './finding.ts';
import type { HostFacts, RoomFacts } from './host-facts.ts';
import type { HostLook } from './judge-host.ts';
import { isPath } from './needs.ts';

/** Whether what models are loaded from is there. What is downloaded is not looked for. */
export function judgeModels(look: HostLook, { paths }: HostFacts): readonly Finding[] {
  const { ok } = findingsOf(look.host.id);
  return look.needs.models.flatMap((model) => {
    const path = isPath(model.source) ? paths.get(model.source) : undefined;
    if (path === undefined) return [];
    const free = freeOf(path);
    const room = free === undefined ? '' : `, ${free}`;
    return path.isThere ? [ok('model', `${model.id}: there${room}`)] : [absent(look, model, room)];
  });
}

/** Where it can run somewhere else too, another host may have it. */
function absent(
  { host }: HostLook,
  { id, source, host_policy }: RuntimeModel,
  room: string,
): Finding {
  const { problem, warning } = findingsOf(host.id);
  const isOnlyHere = host_policy !== 'any' && host_policy.length === 1;
  const tell = isOnlyHere ? problem : warning;
  const help = isOnlyHere ? 'bring it there' : 'bring it there, or name in host_policy who has it';
  return tell('model', `${id}: ${source} is not there${room}`, help);
}

const LEAST_FREE_KIBIBYTES = 2 ** 20;

/** The room for models: of each disk that has one, or is to have it; else of the one that downloads come to. */
export function judgeDisks(
  { host }: HostLook,
  { paths, downloads }: HostFacts,
): readonly Finding[] {
  const { ok, warning, skipped } = findingsOf(host.id);
  const known = [...paths.values()].filter(({ disk }) => disk !== undefined);
  const disks = new Map((known.length > 0 ? known : [downloads]).map((one) => [one.disk, one]));
  return [...disks].map(([disk, room]) => {
    const free = freeOf(room);
    if (disk === undefined || free === undefined) return skipped('disk', '`df` does not tell');
    const what = known.length > 0 ? '' : ', where llama.cpp keeps what it downloads';
    const detail = `${disk}: ${free}${what}`;
    return (room.freeKibibytes ?? 0) < LEAST_FREE_KIBIBYTES
      ? warning('disk', detail, 'make room: logs and downloads need some')
      : ok('disk', detail);
  });
}

function freeOf({ freeKibibytes }: RoomFacts): string | undefined {
  return freeKibibytes === undefined
    ? undefined
    : `${(freeKibibytes / 2 ** 20).toFixed(1)} GiB free`;
}
