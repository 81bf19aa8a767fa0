import { exitCodes, VllmdError } from '../../core/failure.ts';
import { knownEntries, withReplaced } from '../../core/fleet/change/change-entries.ts';
import { changedKeys } from '../../core/fleet/change/changed-keys.ts';
import { merged } from '../../core/fleet/change/merge.ts';
import type { JsonObject } from '../../core/fleet/json-value.ts';
import type { Section } from '../../core/fleet/shape.ts';
import type { World } from '../../host/world.ts';
import { type FleetTarget, openTarget, saveChange } from '../change-fleet.ts';
import { editEntry } from '../edit-entry.ts';
import { mustBeKnown } from '../fleet-entry.ts';
import type { FleetOptions } from '../fleet-file.ts';
import { type GivenOptions, givenEntry } from '../given-entry.ts';
import { warnOfActive } from '../warn-of-active.ts';

type EditOptions = FleetOptions & GivenOptions & { readonly id: string };

/** Changes keys of an entry, or all of it in an editor. What is given as null is removed. */
export async function fleetEdit(
  section: Section,
  options: EditOptions,
  world: World,
): Promise<number> {
  const { id } = options;
  const given = await givenEntry(section, options, world);
  const isGiven = Object.keys(given).length > 0 || options.jsonFrom !== undefined;
  if (!isGiven) mustHaveTerminal(options, world);
  const target = await openTarget(options, world);
  if (target === undefined) return exitCodes.config;
  const { entry } = mustBeKnown(section, id, knownEntries(target.document, section));
  const save = (edited: JsonObject) =>
    saveEdited(target, { section, id, entry, edited }, options, world);
  return isGiven ? save(merged(entry, given)) : editEntry({ section, id, entry, save }, world);
}

function mustHaveTerminal({ json }: EditOptions, world: World): void {
  if (!json && world.terminal() !== undefined) return;
  throw new VllmdError(
    'usage',
    json ? '--json opens no editor' : 'edit opens an editor, and there is no terminal here',
    'name what changes by options, or as JSON: --json-from FILE, - for stdin',
  );
}

type Edited = {
  readonly section: Section;
  readonly id: string;
  readonly entry: JsonObject;
  readonly edited: JsonObject;
};

function saveEdited(
  target: FleetTarget,
  { section, id, entry, edited }: Edited,
  options: FleetOptions,
  world: World,
): Promise<number> {
  const keys = changedKeys(entry, edited);
  const verb = keys.length === 0 ? 'unchanged' : 'changed';
  const document = withReplaced(target.document, section, id, edited);
  // Under another id it is not the host of the record any more.
  const isRenamed = section === 'hosts' && edited['id'] !== id;
  const warnings = isRenamed ? warnOfActive(id, world) : [];
  const changes = [{ section, id, verb, keys }] as const;
  return saveChange(target, { document, changes, warnings }, options, world);
}
