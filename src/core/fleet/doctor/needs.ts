import type { RuntimeBackend, RuntimeHost, RuntimeModel, RuntimesFile } from '../runtimes-file.ts';
import type { HostQuestions } from './host-facts.ts';
import { programsOf } from './programs-of.ts';
import { entriesOn, type View } from './view.ts';

/** A program of a host, and the commands that need it: `models[a].launch.start_cmd`. */
type Need = {
  readonly name: string;
  readonly isBySudo: boolean;
  readonly neededBy: readonly string[];
};

/** What is to run on a host. */
export type HostNeeds = {
  readonly backends: readonly RuntimeBackend[];
  readonly models: readonly RuntimeModel[];
  readonly programs: readonly Need[];
};

/** What the enabled models and backends of a file ask of one of its hosts, as far as the view is about them. */
export function needsOf(
  file: RuntimesFile,
  host: RuntimeHost,
  view: View = { section: 'hosts' },
): HostNeeds {
  const { backends, models } = entriesOn(file, host, view);
  const ofHost = [
    ...named(`hosts[${host.id}].health`, { check_cmd: host.health.check_cmd }),
    ...named(`hosts[${host.id}].model_control`, host.model_control),
  ];
  const commands = [
    ...(view.section === 'hosts' ? ofHost : []),
    ...backends.flatMap(({ id, apply_cmd, verify_cmd, rollback_cmd }) =>
      named(`backends[${id}]`, { apply_cmd, verify_cmd, rollback_cmd }),
    ),
    ...models.flatMap(({ id, launch: { start_cmd, probe_cmd } }) =>
      named(`models[${id}].launch`, { start_cmd, probe_cmd }),
    ),
  ];
  return { backends, models, programs: needed(commands) };
}

/** What a host is asked, once. */
export function questionsFor({ models, programs }: HostNeeds): HostQuestions {
  const of = (isBySudo: boolean) =>
    programs.filter((one) => one.isBySudo === isBySudo).map(({ name }) => name);
  return {
    programs: of(false),
    sudoPrograms: of(true),
    paths: [...new Set(models.map(({ source }) => source).filter(isPath))],
  };
}

/** Not a URL, and not the name of a repository. */
export function isPath(source: string): boolean {
  return source.startsWith('/');
}

type NamedCommand = { readonly at: string; readonly command: string };

function named(
  at: string,
  commands: Readonly<Record<string, string | undefined>>,
): readonly NamedCommand[] {
  return Object.entries(commands).flatMap(([key, command]) =>
    command === undefined ? [] : [{ at: `${at}.${key}`, command }],
  );
}

function needed(commands: readonly NamedCommand[]): readonly Need[] {
  const all = new Map<string, Need>();
  for (const { at, command } of commands) {
    for (const { name, isBySudo } of programsOf(command)) {
      const key = `${isBySudo} ${name}`;
      const neededBy = [...(all.get(key)?.neededBy ?? []), at];
      all.set(key, { name, isBySudo, neededBy });
    }
  }
  return [...all.values()];
}
