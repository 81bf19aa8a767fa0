import { below, type Diagnostic, errorAt } from '../../diagnostic.ts';
import type { LlamaFacts, PathState } from '../../facts/llama-facts.ts';
import { isPrivateLog, LOGS, logPlaceOf } from '../../kinds/llama-server/log-place.ts';
import type { LlamaInstance } from '../../llama/instance.ts';
import { isPlainPath } from '../../plan/manifest.ts';
import { pastedWord } from '../../shell-word.ts';
import { warningAt } from '../check.ts';
import { orAsAnother, whoRuns } from './who-runs.ts';

/** What a file asks of its launcher, and a unit does in another way or not at all. */
export function controlChecks(
  instances: readonly LlamaInstance[],
  facts: LlamaFacts,
): readonly Diagnostic[] {
  return [
    ...instances.flatMap((instance) => logChecks(instance, facts)),
    ...foregroundIsNothing(instances),
  ];
}

function logChecks(instance: LlamaInstance, facts: LlamaFacts): readonly Diagnostic[] {
  const place = logPlaceOf(instance);
  const at = below(instance.source, 'control');
  const what = `instance ${instance.name}: its log ${place.file}`;
  if (place.file !== '' && !isPlainPath(place.file)) {
    const help = 'name it from / on, without . and ..';
    return [errorAt('llama-log', at, `${what} is no plain absolute path`, help)];
  }
  if (isPrivateLog(place)) {
    const help = 'name a place below /var/log; without log_dir and log_file it goes to the journal';
    return [
      warningAt('llama-log', at, `${what} is in a /tmp that nobody but the instance sees`, help),
    ];
  }
  const { writableDirectory, logsDirectory } = place;
  const made = `${LOGS}${logsDirectory}`;
  if (logsDirectory !== '' && facts.logDirectories.get(made) === 'foreign') {
    const why = `${made} has files of others, and systemd would give all of it to ${whoRuns(facts)}`;
    return [
      errorAt('llama-log', at, `${what}: ${why}`, 'name a directory of its own below /var/log'),
    ];
  }
  const state: PathState = facts.logDirectories.get(writableDirectory) ?? 'ok';
  if (writableDirectory === '' || state === 'ok') return [];
  const why =
    state === 'refused'
      ? `may not be written by ${whoRuns(facts)}`
      : `has no directory ${writableDirectory} to lie in`;
  const other = writableDirectory.startsWith('/var/')
    ? ''
    : `; or: sudo install -d ${pastedWord(writableDirectory)} with the account as its owner${orAsAnother(facts)}`;
  const help = `name a directory below /var/log, which is made for it${other}`;
  return [errorAt('llama-log', at, `${what} ${why}`, help)];
}

/** Said once: systemd runs everything in the background, and starts what comes later without waiting. */
function foregroundIsNothing(instances: readonly LlamaInstance[]): readonly Diagnostic[] {
  const first = instances.find(({ control }) => !control.background);
  if (first === undefined) return [];
  const at = below(first.source, 'control');
  return [
    warningAt(
      'llama-background',
      at,
      'background = false means nothing to systemd, which waits for no instance to end',
      'it counts for `vllmd llama run` only',
    ),
  ];
}
