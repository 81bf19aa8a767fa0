import type { Connection } from '../../core/fleet/runtimes-file.ts';
import { remoteShell } from './session-script.ts';

/** A host that does not answer is told within this time, whatever a step may take. */
const CONNECT_SEC = 10;

/** The argv of ssh, which holds no secret. What the caller's own settings say of the host stays. */
export function sshArguments(connection: Connection, timeoutMs: number): readonly string[] {
  const { host = '', port, user } = connection;
  return [
    'ssh',
    '-T',
    '-a',
    '-x',
    ...options({
      ...identity(connection),
      ...authentication(connection),
      ClearAllForwardings: 'yes',
      // Before the time limit, as ssh knows why.
      ConnectTimeout: Math.max(1, Math.min(CONNECT_SEC, Math.ceil(timeoutMs / 1000) - 1)),
      // A connection of its own, which ends with its command and is watched.
      ControlMaster: 'no',
      ControlPath: 'none',
      LogLevel: 'INFO',
      PermitLocalCommand: 'no',
      RemoteCommand: 'none',
      ServerAliveCountMax: 3,
      ServerAliveInterval: 5,
      StrictHostKeyChecking: 'yes',
    }),
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...(user === undefined ? [] : ['-l', user]),
    '--',
    host,
    remoteShell,
  ];
}

/** ssh itself looks the path up in this variable, since 8.4. The name is in its arguments, for any `pkill -f` to see. */
export const KEY_VARIABLE = 'OWN_SSH_KEY';

function identity({ key_path: key }: Connection): Readonly<Record<string, string>> {
  if (key === undefined) return {};
  return { IdentitiesOnly: 'yes', IdentityFile: `\${${KEY_VARIABLE}}` };
}

function authentication({ password, key_path }: Connection): Readonly<Record<string, string>> {
  if (password === undefined) return { BatchMode: 'yes' };
  const methods = 'password,keyboard-interactive';
  return {
    BatchMode: 'no',
    NumberOfPasswordPrompts: '1',
    PreferredAuthentications: key_path === undefined ? methods : `publickey,${methods}`,
  };
}

function options(values: Readonly<Record<string, string | number>>): readonly string[] {
  return Object.entries(values).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}
