import type { ActiveRecord, RecordedHost } from '../active-record.ts';
import type { RuntimeHost } from '../runtimes-file.ts';

const SSH_PORT = 22;

/** How a host is reached, as it may lie on a disk: without secrets. */
export function recordedHost({ id, transport, connection }: RuntimeHost): RecordedHost {
  // Of a local one they lead nowhere, and may be anything.
  const { host, port, user } = transport === 'ssh' ? connection : {};
  return {
    ...{ id, transport },
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(user === undefined ? {} : { user }),
  };
}

/** A host of the file as it was reached when the runtime was started: what opens its door is that of the file. */
export function hostAsRecorded(active: ActiveRecord, host: RuntimeHost): RuntimeHost {
  const recorded = active.hosts?.find(({ id }) => id === host.id);
  if (recorded === undefined || isSamePlace(recorded, recordedHost(host))) return host;
  const { key_path, password } = host.connection;
  const { transport, host: name, port, user } = recorded;
  return {
    ...host,
    transport,
    connection: {
      ...(name === undefined ? {} : { host: name }),
      ...(port === undefined ? {} : { port }),
      ...(user === undefined ? {} : { user }),
      ...(key_path === undefined ? {} : { key_path }),
      ...(password === undefined ? {} : { password }),
    },
  };
}

/** Whether the file still leads to where the runtime was started. A record that does not tell says yes. */
export function isReachedAsBefore(active: ActiveRecord, host: RuntimeHost): boolean {
  return hostAsRecorded(active, host) === host;
}

/** `exampleuser@10.0.0.10`, with a port that is not the usual one */
export function placeOf({ transport, connection }: RuntimeHost): string {
  if (transport === 'local') return 'this machine';
  const { host = '', port = SSH_PORT, user } = connection;
  const at = user === undefined ? host : `${user}@${host}`;
  return port === SSH_PORT ? at : `${at} port ${port}`;
}

function isSamePlace(one: RecordedHost, other: RecordedHost): boolean {
  if (one.transport !== other.transport) return false;
  if (one.transport === 'local') return true;
  const { host, port = SSH_PORT, user } = one;
  return host === other.host && port === (other.port ?? SSH_PORT) && user === other.user;
}
