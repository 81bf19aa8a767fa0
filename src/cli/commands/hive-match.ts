import { exitCodes, VllmdError } from '../../core/failure.ts';
import type { Kind, MatchRequest } from '../../core/hive/documents.ts';
import { readMatchAnswer } from '../../core/hive/match/read-match-answer.ts';
import { hiveMatchHuman, hiveMatchJson } from '../../core/report/hive-match.ts';
import type { World } from '../../host/world.ts';
import { postToRegistry, type RegistryOptions } from '../hive-registry.ts';
import { styleFor } from '../style-for.ts';
import { writeJson } from '../write-json.ts';

type MatchOptions = RegistryOptions & {
  readonly tasks: readonly string[];
  readonly workloads: readonly string[];
  readonly kind: Kind | undefined;
  readonly modality: string | undefined;
  readonly limit: string | undefined;
  readonly direct: boolean;
  readonly json: boolean;
};

/** Asks a registry what fits a task, and prints it. */
export async function hiveMatch(options: MatchOptions, world: World): Promise<number> {
  const request = requestOf(options);
  const answer = await postToRegistry('/v1/cluster/routes/match', request, options, world);
  const match = readMatchAnswer(answer);
  if (match === undefined) {
    const help = 'does a registry answer at this address, and one of this version?';
    throw new VllmdError('runtime', 'the answer is none about routes', help);
  }
  if (options.json) writeJson(hiveMatchJson(match), world);
  if (match.candidates.length === 0) {
    const help =
      'ask for less, or see what is registered: /v1/cluster/services and /v1/cluster/roles';
    throw new VllmdError('notFound', 'no role and no service fits', help);
  }
  const { stdout } = world;
  if (!options.json) {
    stdout.write(hiveMatchHuman(match, { style: styleFor(stdout), width: stdout.columns }));
  }
  return exitCodes.ok;
}

/** What is not given is left to the registry. */
function requestOf({
  tasks,
  workloads,
  kind,
  modality,
  limit,
  direct,
}: MatchOptions): Partial<MatchRequest> {
  return {
    tasks,
    workloads,
    include_direct_services: direct,
    ...(kind === undefined ? {} : { kind }),
    ...(modality === undefined ? {} : { modality }),
    ...(limit === undefined ? {} : { limit: countIn(limit) }),
  };
}

function countIn(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new VllmdError(
    'usage',
    '--limit is no number from 1 to 999999',
    'it is how many are shown',
  );
}
