import { gpusOfDropIn } from '../kinds/runtime-vm/drop-in.ts';
import type { Artefact, FileArtefact } from '../render/artefact.ts';
import { UNIT_DIR, vfioUnit } from '../resolve/layout.ts';
import type { Action } from './action.ts';
import type { Change } from './change.ts';

/**
 * Every unit whose definition will be another one or that starts anew, maybe with a drop-in of the operator; instances
 * by name: a look at a template says nothing of the drop-ins of its instances. Units that go are not among them.
 */
export function touchedUnits(
  artefacts: readonly Artefact[],
  changed: readonly Change[],
  actions: readonly Pick<Action, 'verb' | 'unit'>[] = [],
): readonly string[] {
  const { instances, devices } = knownUnits(
    artefacts.filter((artefact) => artefact.type === 'file'),
  );
  const own = changed
    .filter(({ type, verb }) => type === 'file' && verb !== 'metadata')
    .flatMap(({ path }) => definedBy(path) ?? [])
    .flatMap((name) => [...(instances.get(name) ?? [name])]);
  const known = [...own, ...begun(actions)].filter(
    (unit) => instances.get(templateOf(unit))?.has(unit) === true,
  );
  return [...new Set(known.flatMap((unit) => [unit, ...(devices.get(unit) ?? [])]))].sort();
}

const beginnings: ReadonlySet<string> = new Set(['start', 'restart', 'reload']);

/** What prepares a VM starts with it. */
function begun(actions: readonly Pick<Action, 'verb' | 'unit'>[]): readonly string[] {
  return actions
    .filter(({ verb }) => beginnings.has(verb))
    .flatMap(({ unit }) => unit ?? [])
    .flatMap((unit) => [unit, unit.replace(/^vllmd-runtime@/, 'vllmd-runtime-pre-start@')]);
}

/** `vllmd-runtime@1.service` of its drop-in, `vllmd-runtime@.service` of the template, `vllmd.slice` of its file. */
function definedBy(path: string): string | undefined {
  return /^\/etc\/systemd\/system\/([^/]+?)(?:\.d\/[^/]+\.conf)?$/.exec(path)?.[1];
}

function templateOf(unit: string): string {
  return unit.replace(/@.*(?=\.[a-z]+$)/, '@');
}

type KnownUnits = {
  /** By template; a unit that is no instance stands for itself. */
  readonly instances: ReadonlyMap<string, ReadonlySet<string>>;
  /** The units of a runtime's GPUs, by its own. */
  readonly devices: ReadonlyMap<string, readonly string[]>;
};

function knownUnits(files: readonly FileArtefact[]): KnownUnits {
  const instances = new Map<string, Set<string>>();
  const devices = new Map<string, readonly string[]>();
  const add = (unit: string) => {
    const template = templateOf(unit);
    const known = instances.get(template);
    if (known === undefined) instances.set(template, new Set([unit]));
    else known.add(unit);
  };
  for (const { path, text } of files) {
    const name = path.startsWith(`${UNIT_DIR}/`) ? definedBy(path) : undefined;
    if (name === undefined || name.includes('@.')) continue;
    const gpus = gpusOfDropIn(text).map(vfioUnit);
    devices.set(name, gpus);
    for (const unit of [name, ...gpus]) add(unit);
  }
  return { instances, devices };
}
