import { visible } from '../../core/control-characters.ts';
import { exitCodes, VllmdError } from '../../core/failure.ts';
import { knownEntries, withEntry, withReplaced } from '../../core/fleet/change/change-entries.ts';
import { changedKeys } from '../../core/fleet/change/changed-keys.ts';
import { merged } from '../../core/fleet/change/merge.ts';
import { orderedEntry } from '../../core/fleet/change/ordered-entry.ts';
import { entriesOfUnits, type UnitHost } from '../../core/fleet/from-vllmd/entries-of-units.ts';
import { idOf } from '../../core/fleet/from-vllmd/ids.ts';
import type { JsonObject } from '../../core/fleet/json-value.ts';
import type { Connection } from '../../core/fleet/runtimes-file.ts';
import type { Section } from '../../core/fleet/shape.ts';
import type { World } from '../../host/world.ts';
import { changeFleet, type EntryChange, type FleetChange } from '../change-fleet.ts';
import type { FleetOptions } from '../fleet-file.ts';
import { type GivenOptions, givenEntry } from '../given-entry.ts';
import { styleFor } from '../style-for.ts';
import { unitsOfConfigs } from '../units-of-configs.ts';

export type FromVllmdOptions = FleetOptions &
  GivenOptions & {
    readonly id?: string | undefined;
    readonly config?: string | undefined;
    readonly llama?: string | undefined;
    readonly ssh?: string | undefined;
    readonly modelPrefix?: string | undefined;
    readonly sudo: boolean;
    readonly force: boolean;
  };

/** Adds a host that vllmd provisions, with a model for each of its units: a selection starts one and stops the others. */
export async function fleetFromVllmd(options: FromVllmdOptions, world: World): Promise<number> {
  const units = await unitsOfConfigs(options, world);
  if (units === undefined) return exitCodes.config;
  if (units.length === 0) {
    throw new VllmdError('config', 'the config has nothing that runs', 'enable an instance in it');
  }
  const place = hostOf(options);
  const entries = entriesOfUnits(place, units);
  const { id } = entries.host;
  // What else is said of the host counts: labels of its GPUs, say.
  const host = merged(entries.host, await givenEntry('hosts', options, world));
  const all: readonly (readonly [Section, JsonObject & { readonly id: string }])[] = [
    ['hosts', { ...orderedEntry('hosts', host), id }],
    ['backends', entries.backend],
    ...entries.models.map((model) => ['models', model] as const),
  ];
  return changeFleet(options, world, (document) => {
    let change: FleetChange = { document, changes: [] };
    for (const [section, entry] of all) {
      change = withOne(change, { section, entry, place, isForced: options.force });
    }
    const { yellow } = styleFor(world.stderr);
    for (const text of change.warnings ?? []) {
      world.stderr.write(`${yellow('warning')}: ${visible(text)}\n`);
    }
    return change;
  });
}

type Adding = {
  readonly section: Section;
  readonly entry: JsonObject & { readonly id: string };
  readonly place: UnitHost;
  readonly isForced: boolean;
};

function withOne(
  { document, changes, warnings = [] }: FleetChange,
  { section, entry, place, isForced }: Adding,
): FleetChange {
  const { id } = entry;
  const known = knownEntries(document, section).find((one) => one.id === id);
  const tell = (change: Pick<EntryChange, 'keys' | 'verb'>) => [
    ...changes,
    { section, id, ...change },
  ];
  if (known === undefined) {
    const changed = tell({ verb: 'added', keys: [] });
    return { document: withEntry(document, section, entry), changes: changed, warnings };
  }
  const keys = changedKeys(known.entry, entry);
  const other = otherHostsOf(section, known.entry, place.id);
  if (keys.length === 0) return { document, changes: tell({ verb: 'unchanged', keys }), warnings };
  if (isForced) {
    const changed = tell({ verb: 'changed', keys });
    const replaced = withReplaced(document, section, id, entry);
    const taken =
      other === undefined ? [] : [`model ${id} of ${other} is replaced by the one of ${place.id}`];
    return { document: replaced, changes: changed, warnings: [...warnings, ...taken] };
  }
  if (other === undefined) {
    const help = '--force replaces it; --id gives the host another id';
    throw new VllmdError('config', `${section}: duplicate id "${id}"`, help);
  }
  const prefix =
    place.modelPrefix === undefined
      ? `--model-prefix ${place.id} calls it ${idOf(`${place.id}-${id}`)}`
      : 'another --model-prefix gives it another id';
  const help = `${prefix}; --force replaces the one of ${other}`;
  throw new VllmdError('config', `models: duplicate id "${id}", which runs on ${other}`, help);
}

/** The hosts of a model that is not of this one alone. */
function otherHostsOf(
  section: Section,
  { host_policy: policy }: JsonObject,
  hostId: string,
): string | undefined {
  if (section !== 'models') return undefined;
  if (!Array.isArray(policy)) return 'any host';
  const hosts = policy.map(String).join(', ');
  return hosts === hostId ? undefined : hosts;
}

function hostOf({ id, displayName, ssh, modelPrefix, sudo }: FromVllmdOptions): UnitHost {
  const connection = ssh === undefined ? undefined : connectionOf(ssh);
  const own = id ?? (connection === undefined ? 'local' : idOf(connection.host));
  return {
    id: own,
    displayName: displayName ?? connection?.host ?? own,
    connection,
    modelPrefix,
    usesSudo: sudo,
  };
}

/** `[user@]host[:port]` */
function connectionOf(text: string): Connection & { readonly host: string } {
  const [, user, address, name, port] =
    /^(?:([^@]+)@)?(?:\[([^\]]+)\]|([^:@]+))(?::(\d+))?$/.exec(text) ?? [];
  const host = address ?? name;
  if (host === undefined) {
    const help = 'write [user@]host[:port], with an IPv6 address in brackets';
    throw new VllmdError('usage', `--ssh ${text} names no host`, help);
  }
  return {
    host,
    ...(port === undefined ? {} : { port: Number(port) }),
    ...(user === undefined ? {} : { user }),
  };
}
