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
import { unitsOfConfigs } from '../units-of-configs.ts';

export type FromVllmdOptions = FleetOptions &
  GivenOptions & {
    readonly id?: string | undefined;
    readonly config?: string | undefined;
    readonly llama?: string | undefined;
    readonly ssh?: string | undefined;
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
  const entries = entriesOfUnits(hostOf(options), units);
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
    for (const [section, entry] of all) change = withOne(change, section, entry, options.force);
    return change;
  });
}

function withOne(
  { document, changes }: FleetChange,
  section: Section,
  entry: JsonObject & { readonly id: string },
  isForced: boolean,
): FleetChange {
  const { id } = entry;
  const known = knownEntries(document, section).find((one) => one.id === id);
  const tell = (change: Pick<EntryChange, 'keys' | 'verb'>) => [
    ...changes,
    { section, id, ...change },
  ];
  if (known === undefined) {
    const changed = tell({ verb: 'added', keys: [] });
    return { document: withEntry(document, section, entry), changes: changed };
  }
  const keys = changedKeys(known.entry, entry);
  if (keys.length === 0) return { document, changes: tell({ verb: 'unchanged', keys }) };
  if (isForced) {
    const changed = tell({ verb: 'changed', keys });
    return { document: withReplaced(document, section, id, entry), changes: changed };
  }
  const help = '--force replaces it; --id gives the host another id';
  throw new VllmdError('config', `${section}: duplicate id "${id}"`, help);
}

function hostOf({ id, displayName, ssh, sudo }: FromVllmdOptions): UnitHost {
  const connection = ssh === undefined ? undefined : connectionOf(ssh);
  const own = id ?? (connection === undefined ? 'local' : idOf(connection.host));
  return {
    id: own,
    displayName: displayName ?? connection?.host ?? own,
    connection,
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
