import type { ActiveRecord } from '../active-record.ts';
import { REDACTED, redactBackend, redactModel, secretsOf } from '../redact.ts';
import type { RuntimeBackend, RuntimesFile } from '../runtimes-file.ts';
import type { Variables } from '../template/variables.ts';
import { type Target, variablesOf } from './fill.ts';

/** The variables of a target as they may lie on a disk: without secrets. */
export function withoutSecrets(target: Target, file: RuntimesFile): Variables {
  const secrets = secretsOf(file);
  const { model, host, backend } = target;
  return variablesOf({
    model: redactModel(model, secrets),
    host,
    backend: backend === undefined ? undefined : redactBackend(backend, secrets),
  });
}

/** The variables of a record with the secrets that the file still has where they stood. */
export function withSecrets(
  { model_id, backend_id, variables }: Pick<ActiveRecord, 'model_id' | 'backend_id' | 'variables'>,
  file: RuntimesFile,
): Variables {
  const secrets = secretsOf(file);
  const model = file.models.find(({ id }) => id === model_id);
  const backend = file.backends.find(({ id }) => id === backend_id);
  const shown = backend === undefined ? undefined : redactBackend(backend, secrets);
  const isSource = model !== undefined && redactModel(model, secrets).source === variables.source;
  return {
    ...variables,
    source: isSource ? model.source : variables.source,
    backend_args: found(
      variables.backend_args,
      { hidden: shown?.args ?? [], open: backend?.args ?? [] },
      (words, at) => `${words[at - 1]} ${words[at]}`,
    ),
    backend_env: found(
      variables.backend_env,
      { hidden: assignments(shown), open: assignments(backend) },
      (entries, at) => `${entries[at]}`,
    ),
  };
}

/** Whether a secret of them is gone from the file. */
export function lacksSecret({ backend_args, backend_env, source }: Variables): boolean {
  return [...backend_args, ...backend_env, source].some((text) => text.includes(REDACTED));
}

function assignments(backend: RuntimeBackend | undefined): readonly string[] {
  return Object.entries(backend?.env ?? {}).map(([name, value]) => `${name}=${value}`);
}

type Listed = { readonly hidden: readonly string[]; readonly open: readonly string[] };

/**
 * What is hidden in a list, out of the same list of the file: that one looks the same when it is hidden as well. Where
 * it has changed, a text is told by its mark, if just one place of each list has it; else it stays hidden.
 */
function found(
  recorded: readonly string[],
  { hidden, open }: Listed,
  markAt: (list: readonly string[], at: number) => string,
): readonly string[] {
  const isSame =
    recorded.length === hidden.length && recorded.every((text, at) => text === hidden[at]);
  if (isSame) return open;
  return recorded.map((text, at) => {
    if (!text.includes(REDACTED)) return text;
    const mark = markAt(recorded, at);
    const placesIn = (list: readonly string[]) =>
      [...list.keys()].filter((place) => markAt(list, place) === mark);
    const [place, ...others] = placesIn(hidden);
    const isKnown = place !== undefined && others.length === 0 && placesIn(recorded).length === 1;
    return (isKnown ? open[place] : undefined) ?? text;
  });
}
