import { sha256 } from '../../plan/digest.ts';
import { redactEnv, redactText, secretsOf } from '../redact.ts';
import type { RuntimeHost } from '../runtimes-file.ts';
import type { Variables } from '../template/variables.ts';
import { hostVariables, type Target, type TargetCommands } from './fill.ts';

const SSH_PORT = 22;

/**
 * Of all that makes another runtime of a target when it changes, after a dot of what a backend is applied with, and after
 * another one of the first without its secrets. Time limits, labels and the commands that end a runtime are no part of it.
 */
export function fingerprintOf(
  target: Target,
  commands: TargetCommands,
  variables: Variables,
): string {
  const { host, backend } = target;
  const { apply, verify, start, probe } = commands;
  const { source, port, backend_args: args } = variables;
  const rest = [verify, start, probe, args, source, port, reachedBy(host)];
  const secrets = secretsOf({ hosts: [host], backends: backend === undefined ? [] : [backend] });
  const env = backend?.env ?? {};
  const whole = digest(apply, sorted(env), rest);
  const open = digest(...shown([apply, sorted(redactEnv(env, secrets)), rest], secrets));
  return `${whole}.${digest(apply, sorted(env))}.${open}`;
}

/** What a backend was applied with, of a fingerprint that has it. */
export function applyPartOf(fingerprint: string): string | undefined {
  return fingerprint.split('.')[1];
}

type Env = Readonly<Record<string, string>>;

function sorted(env: Env): readonly unknown[] {
  return Object.entries(env).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** How commands get to a host, without what only opens the door. */
function reachedBy(host: RuntimeHost): readonly unknown[] {
  const { connection, transport } = host;
  if (transport === 'local') return [transport, hostVariables(host).host];
  return [transport, connection.host, connection.port ?? SSH_PORT, connection.user];
}

/** Every text in it without secrets: of a short one, a digest could be tried out. */
function shown(parts: readonly unknown[], secrets: readonly string[]): readonly unknown[] {
  return parts.map((part) => {
    if (typeof part === 'string') return redactText(part, secrets);
    return Array.isArray(part) ? shown(part, secrets) : part;
  });
}

function digest(...parts: readonly unknown[]): string {
  return sha256(JSON.stringify(parts));
}
