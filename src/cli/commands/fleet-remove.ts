import { exitCodes, VllmdError } from '../../core/failure.ts';
import { knownEntries, withoutEntry } from '../../core/fleet/change/change-entries.ts';
import { entryNames, type Section } from '../../core/fleet/shape.ts';
import type { World } from '../../host/world.ts';
import { openTarget, saveChange } from '../change-fleet.ts';
import { mustBeKnown } from '../fleet-entry.ts';
import type { FleetOptions } from '../fleet-file.ts';
import { warnOfActive } from '../warn-of-active.ts';

type RemoveOptions = FleetOptions & { readonly id: string; readonly yes: boolean };

/** Removes a host, a backend or a model that no other entry names. */
export async function fleetRemove(
  section: Section,
  options: RemoveOptions,
  world: World,
): Promise<number> {
  const { id } = options;
  const target = await openTarget(options, world);
  if (target === undefined) return exitCodes.config;
  mustBeKnown(section, id, knownEntries(target.document, section));
  const warnings = section === 'hosts' ? warnOfActive(id, world) : [];
  if (!options.yes && !(await isMeant(section, options, world))) {
    world.stdout.write('Cancelled.\n');
    return exitCodes.ok;
  }
  const document = withoutEntry(target.document, section, id);
  const changes = [{ section, id, verb: 'removed', keys: [] }] as const;
  return saveChange(target, { document, changes, warnings }, options, world);
}

async function isMeant(
  section: Section,
  { id, json }: RemoveOptions,
  world: World,
): Promise<boolean> {
  const terminal = world.terminal();
  if (terminal === undefined || json) {
    const why = json ? '--json asks no questions' : 'remove asks, and there is no terminal here';
    throw new VllmdError('usage', why, 'add --yes');
  }
  const { openPrompts } = await import('../init/prompts.ts');
  const prompts = await openPrompts(terminal);
  return prompts.confirm(`Remove ${entryNames[section]} '${id}'?`);
}
