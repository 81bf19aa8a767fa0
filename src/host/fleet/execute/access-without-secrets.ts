import { redactTail } from '../../../core/fleet/redact.ts';
import { resultWithoutSecrets } from '../result-without-secrets.ts';
import type { HostAccess } from './host-access.ts';

/** The same, with all that commands of the file say and log without secrets before anybody shortens it. */
export function accessWithoutSecrets(access: HostAccess, secrets: readonly string[]): HostAccess {
  const shown = (log: readonly string[]) => redactTail(log.join('\n'), secrets).split('\n');
  return {
    ...access,
    run: async (host, command, how) =>
      resultWithoutSecrets(await access.run(host, command, how), secrets),
    start: async (host, command, how) => {
      const outcome = await access.start(host, command, how);
      return outcome.log.length === 0 ? outcome : { ...outcome, log: shown(outcome.log) };
    },
    logTail: async (host, process) => {
      const log = await access.logTail(host, process);
      return log.length === 0 ? log : shown(log);
    },
  };
}
