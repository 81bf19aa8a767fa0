import { healthTarget } from '../../llama/run/addresses.ts';
import { pastedWord } from '../../shell-word.ts';
import type { Connection, RuntimeBackend, RuntimeHost, RuntimeModel } from '../runtimes-file.ts';
import { idsOf } from './ids.ts';
import type { VllmdUnit } from './units.ts';

/** How the host is reached that has the units. */
export type UnitHost = {
  readonly id: string;
  readonly displayName: string;
  /** undefined: it is this machine. */
  readonly connection: Connection | undefined;
  /** Stands before the IDs of the models: `gpu2` makes `gpu2-coder` of `coder`. */
  readonly modelPrefix?: string | undefined;
  /** The account that gets there is not root. */
  readonly usesSudo: boolean;
};

export type UnitEntries = {
  readonly host: RuntimeHost;
  readonly backend: RuntimeBackend;
  readonly models: readonly RuntimeModel[];
};

/** A unit is started in the background, and a large model takes minutes to load. */
const PROBE_TIMEOUT_SECONDS = 600;

/** Entries by which a selection starts one of the units and stops the others. */
export function entriesOfUnits(place: UnitHost, units: readonly VllmdUnit[]): UnitEntries {
  const { id, connection, modelPrefix, usesSudo } = place;
  const systemctl = usesSudo ? 'sudo -n systemctl' : 'systemctl';
  const all = units.map(({ unit }) => pastedWord(unit)).join(' ');
  const backendId = backendIdOf(id);
  const ids = idsOf(
    units.map(({ name }) => (modelPrefix === undefined ? name : `${modelPrefix}-${name}`)),
  );
  return {
    host: {
      id,
      display_name: place.displayName,
      enabled: true,
      transport: connection === undefined ? 'local' : 'ssh',
      connection: connection ?? {},
      capabilities: { gpu: [], backends: [backendId] },
      // It fails where one of them is not installed.
      health: { check_cmd: `systemctl cat ${all} > /dev/null` },
      model_control: { stop_cmd: `${systemctl} stop ${all}` },
    },
    backend: {
      ...{ id: backendId, display_name: `Units of ${place.displayName}`, enabled: true },
      type: 'custom',
      host_filters: [id],
    },
    models: units.map((unit, at) => ({
      id: ids[at] ?? '',
      display_name: unit.name,
      enabled: true,
      source: unit.path ?? unit.unit,
      host_policy: [id],
      backend_policy: [backendId],
      launch: {
        start_cmd: `${systemctl} start ${pastedWord(unit.unit)}`,
        probe_cmd: probeOf(unit),
        probe_timeout_sec: PROBE_TIMEOUT_SECONDS,
      },
      ...portOf(unit),
    })),
  };
}

/** The longest that an ID may be. */
const MAX_ID = 64;
const BACKEND_ENDING = '-units';

function backendIdOf(hostId: string): string {
  return hostId.slice(0, MAX_ID - BACKEND_ENDING.length) + BACKEND_ENDING;
}

/** What the units are waited for with themselves; one without an endpoint is healthy when it is active. */
function probeOf({ unit, endpoint }: VllmdUnit): string {
  if (endpoint === undefined) return `systemctl is-active --quiet ${pastedWord(unit)}`;
  const { address, isTls, path } = healthTarget(endpoint);
  if (address.kind === 'socket') {
    return `curl -sf --unix-socket ${pastedWord(address.path)} ${pastedWord(`http://localhost${path}`)}`;
  }
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  const url = pastedWord(`${isTls ? 'https' : 'http'}://${host}:${address.port}${path}`);
  // A certificate for this address is rare.
  return `curl -sf --noproxy '*' ${isTls ? '--insecure ' : ''}${url}`;
}

function portOf({ endpoint }: VllmdUnit): Pick<RuntimeModel, 'runtime_defaults'> {
  const port = endpoint?.port ?? 0;
  return port === 0 ? {} : { runtime_defaults: { port } };
}
