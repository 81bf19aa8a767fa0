import { parseSystemctlShow, shownProperties } from '../core/facts/systemctl-show.ts';
import type { UnitState } from '../core/plan/observed.ts';
import { TARGET_UNIT } from '../core/resolve/layout.ts';
import type { CommandResult, Host, HostReader } from './host.ts';

/** Longer than the longest TimeoutStartSec= of our units (900 s); systemd ends a job before this does. */
const JOB_TIMEOUT_MS = 1_200_000;
const RELOAD_TIMEOUT_MS = 180_000;
const JOURNAL_LINES = 20;

export function systemctl(host: Host, verb: string, unit?: string): Promise<CommandResult> {
  // The target wants every runtime. Its own start must not pull up those that failed or that the operator has stopped.
  const alone = unit === TARGET_UNIT && verb === 'start' ? ['--job-mode=ignore-dependencies'] : [];
  const argv = ['systemctl', verb, ...alone, ...(unit === undefined ? [] : ['--', unit])];
  return host.run(argv, verb === 'daemon-reload' ? RELOAD_TIMEOUT_MS : JOB_TIMEOUT_MS);
}

export async function readUnit(host: HostReader, unit: string): Promise<UnitState> {
  const properties = `--property=${shownProperties.join(',')}`;
  const result = await host.query(['systemctl', 'show', properties, '--', unit]);
  const unknown = { loadState: 'unknown', activeState: 'unknown', subState: 'unknown', mainPid: 0 };
  return parseSystemctlShow(result.stdout).get(unit) ?? unknown;
}

/** The end of what a unit, and for a runtime the unit that prepares it, wrote to the journal. */
export async function journalExcerpt(host: HostReader, unit: string): Promise<string> {
  const preparation = unit.replace(/^vllmd-runtime@/, 'vllmd-runtime-pre-start@');
  const units = [...new Set([unit, preparation])].flatMap((name) => ['--unit', name]);
  const result = await host.query([
    'journalctl',
    '--no-pager',
    '--quiet',
    '--boot',
    '--output=cat',
    `--lines=${JOURNAL_LINES}`,
    ...units,
  ]);
  return result.stdout.trimEnd();
}
