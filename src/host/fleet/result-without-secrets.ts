import { redactText } from '../../core/fleet/redact.ts';
import type { ShellResult } from './transport.ts';

/** What a shell has said, to be hidden while it is whole: half of a secret is not known as one. */
export function resultWithoutSecrets(result: ShellResult, secrets: readonly string[]): ShellResult {
  const { stdout, stderr, connection } = result;
  return {
    ...result,
    stdout: redactText(stdout, secrets),
    stderr: redactText(stderr, secrets),
    ...(connection === undefined ? {} : { connection: redactText(connection, secrets) }),
  };
}
