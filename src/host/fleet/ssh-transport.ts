import { expandedKeyPath } from '../../core/fleet/key-path.ts';
import type { Connection } from '../../core/fleet/runtimes-file.ts';
import { sshProblem } from '../../core/fleet/ssh-problem.ts';
import { withAskpass } from './askpass.ts';
import { runShell, type ShellEnd } from './run-shell.ts';
import { KEY_VARIABLE, sshArguments } from './ssh-arguments.ts';
import type { ShellRequest, ShellResult, Transport } from './transport.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Of ssh, for what went wrong on the way. */
const NOT_REACHED = 255;

/** Another host, by the caller's own ssh: its settings, its agent and its known hosts count. */
export function sshTransport(connection: Connection, env: Environment): Transport {
  const { key_path: named } = connection;
  const key = named === undefined ? undefined : expandedKeyPath(named, env['HOME']);
  const hide = hider([key, named]);
  return {
    run: async (request) => {
      const end = await runSsh(connection, { ...env, [KEY_VARIABLE]: key }, request);
      return resultOf(end, request, hide);
    },
  };
}

async function runSsh(
  connection: Connection,
  env: Environment,
  request: ShellRequest,
): Promise<ShellEnd> {
  const argv = sshArguments(connection, request.timeoutMs);
  const { user, password } = connection;
  const run = (own: Environment) => runShell({ argv, env: own, isRemote: true }, request);
  return password === undefined ? run(env) : withAskpass({ user, password }, env, run);
}

function resultOf(
  end: ShellEnd,
  { timeoutMs }: ShellRequest,
  hide: (text: string) => string,
): ShellResult {
  const { exitCode, isAborted, isTimedOut } = end;
  // What a command says is parsed by whoever has asked; he hides what he shows of it.
  const { stdout, stderr } = end;
  const said = { stdout, stderr, isTimedOut, isAborted };
  if (exitCode !== undefined) return { ...said, exitCode, stderr: withHint(stderr, exitCode) };
  const lost = { ...said, exitCode: NOT_REACHED, isLost: end.hasBegun };
  if (isAborted) return lost;
  const told = sshProblem(hide(end.hasBegun ? stderr : end.preface));
  const silent = isTimedOut ? `no answer within ${timeoutMs / 1000} s` : 'the connection ended';
  const connection = told === '' || isTimedOut ? silent : told;
  return { ...lost, connection };
}

function withHint(stderr: string, exitCode: number): string {
  if (exitCode === 0 || !stderr.includes('command not found')) return stderr;
  return `${stderr}hint: not in the PATH of a login without a terminal on that host; write the whole path, or set PATH in its ~/.profile\n`;
}

/** The path of a key is a secret, and ssh likes to name it. */
function hider(secrets: readonly (string | undefined)[]): (text: string) => string {
  return (text) =>
    secrets.reduce<string>(
      (rest, secret) =>
        secret === undefined || secret === '' ? rest : rest.replaceAll(secret, '[REDACTED]'),
      text,
    );
}
