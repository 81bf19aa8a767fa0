import { redactTail, redactText } from '../../../core/fleet/redact.ts';
import { resultWithoutSecrets } from '../result-without-secrets.ts';
import type { RuntimeState } from '../runtime-process.ts';
import type { HostAccess } from './host-access.ts';

/**
 * The same, with all that the file, its commands, logs and ssh say without secrets, before anybody shortens it or puts it
 * into words of his own: in those nothing is to be hidden.
 */
export function accessWithoutSecrets(access: HostAccess, secrets: readonly string[]): HostAccess {
  const tail = (log: readonly string[]) => redactTail(log.join('\n'), secrets).split('\n');
  const shown = (text: string) => redactText(text, secrets);
  const known = (state: RuntimeState): RuntimeState =>
    state.kind === 'unknown' ? { ...state, why: shown(state.why) } : state;
  return {
    shown,
    run: async (host, command, how) =>
      resultWithoutSecrets(await access.run(host, command, how), secrets),
    start: async (host, command, how) => {
      const outcome = await access.start(host, command, how);
      const { log, state } = outcome;
      return { ...outcome, state: known(state), log: log.length === 0 ? log : tail(log) };
    },
    look: async (host, process) => known(await access.look(host, process)),
    end: async (host, process) => known(await access.end(host, process)),
    logTail: async (host, process) => {
      const log = await access.logTail(host, process);
      return log.length === 0 ? log : tail(log);
    },
  };
}
