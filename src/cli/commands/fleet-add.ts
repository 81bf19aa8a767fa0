import { VllmdError } from '../../core/failure.ts';
import { knownEntries, withEntry } from '../../core/fleet/change/change-entries.ts';
import { merged } from '../../core/fleet/change/merge.ts';
import { orderedEntry } from '../../core/fleet/change/ordered-entry.ts';
import type { JsonObject } from '../../core/fleet/json-value.ts';
import { entryNames, type Section } from '../../core/fleet/shape.ts';
import type { World } from '../../host/world.ts';
import { changeFleet } from '../change-fleet.ts';
import type { FleetOptions } from '../fleet-file.ts';
import { type GivenOptions, givenEntry } from '../given-entry.ts';
import { shellLine } from '../shell-line.ts';

type AddOptions = FleetOptions & GivenOptions & { readonly id?: string | undefined };

/** Adds a host, a backend or a model, from options, from JSON, or from both: an option wins. */
export async function fleetAdd(
  section: Section,
  options: AddOptions,
  world: World,
): Promise<number> {
  const given = await givenEntry(section, options, world);
  const id = options.id ?? given['id'];
  if (typeof id !== 'string') {
    const help = 'name it with --id, or in the JSON of --json-from';
    throw new VllmdError('usage', `the ${entryNames[section]} has no id`, help);
  }
  const whole = merged(defaultsOf(section, id, given), { ...given, id });
  const entry = orderedEntry(section, whole);
  mustBeWhole(section, entry);
  return changeFleet(options, world, (document) => {
    const isTaken = knownEntries(document, section).some((one) => one.id === id);
    if (isTaken) throw isThere(section, id);
    return {
      document: withEntry(document, section, entry),
      changes: [{ section, id, verb: 'added', keys: [] }],
    };
  });
}

/** What is the same for most. */
function defaultsOf(section: Section, id: string, given: JsonObject): JsonObject {
  const common = { id, display_name: id, enabled: true };
  if (section === 'models') return { ...common, host_policy: 'any', backend_policy: 'any' };
  if (section === 'backends') return { ...common, host_filters: 'any' };
  const connection = given['connection'];
  const isRemote = typeof connection === 'object' && connection !== null && 'host' in connection;
  return {
    ...common,
    transport: isRemote ? 'ssh' : 'local',
    connection: {},
    capabilities: { gpu: [], backends: [] },
  };
}

/** What has no default, with the option that gives it. */
const needed: Readonly<Record<Section, readonly (readonly [path: string, option: string])[]>> = {
  hosts: [
    ['health.check_cmd', '--check-cmd'],
    ['model_control.stop_cmd', '--stop-cmd'],
  ],
  backends: [['type', '--type']],
  models: [
    ['source', '--source'],
    ['launch.start_cmd', '--start-cmd'],
    ['launch.probe_cmd', '--probe-cmd'],
  ],
};

/** Said with the names of options, before the checks say it with those of keys. */
function mustBeWhole(section: Section, entry: JsonObject): void {
  const missing = needed[section].filter(([path]) => !isThereAt(entry, path.split('.')));
  if (missing.length === 0) return;
  const options = missing.map(([, option]) => option).join(', ');
  const message = `a ${entryNames[section]} needs ${options}`;
  throw new VllmdError('usage', message, 'or give it as JSON: --json-from FILE, - for stdin');
}

function isThereAt(value: unknown, [key = '', ...rest]: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return false;
  if (rest.length === 0) return true;
  return isThereAt((value as JsonObject)[key], rest);
}

function isThere(section: Section, id: string): VllmdError {
  const line = shellLine(['vllmd', section, 'edit', id]);
  const help = `choose another id, or change the one that is there: ${line}`;
  return new VllmdError('config', `${section}: duplicate id "${id}"`, help);
}
