import { canRun, misfit } from '../plan/eligible.ts';
import type { RuntimeBackend, RuntimeHost, RuntimeModel, RuntimesFile } from '../runtimes-file.ts';
import type { Section } from '../shape.ts';

/** What the doctor is asked about: one list of the file, or one entry of it. */
export type View = { readonly section: Section; readonly id?: string | undefined };

/** The hosts that are looked at: one that is named counts also where it is switched off. */
export function hostsOf(file: RuntimesFile, view: View): readonly RuntimeHost[] {
  const { section, id } = view;
  if (section === 'hosts') {
    return file.hosts.filter((host) => (id === undefined ? host.enabled : host.id === id));
  }
  return file.hosts.filter((host) => {
    const { backends, models } = entriesOn(file, host, view);
    return host.enabled && backends.length + models.length > 0;
  });
}

type Entries = {
  readonly backends: readonly RuntimeBackend[];
  readonly models: readonly RuntimeModel[];
};

/** What can run on a host, as far as the view is about it. */
export function entriesOn(file: RuntimesFile, host: RuntimeHost, { section, id }: View): Entries {
  const isMeant = (list: Section, one: { readonly id: string }) =>
    section === 'hosts' || (section === list && (id === undefined || id === one.id));
  return {
    backends: file.backends.filter(
      (one) => isMeant('backends', one) && misfit(host, one) === undefined,
    ),
    models: file.models.filter(
      (one) => one.enabled && isMeant('models', one) && canRun(one, host, file.backends),
    ),
  };
}
