import type { Plan } from '../plan/plan.ts';
import { FORMAT_VERSION } from './format-version.ts';
import type { Status } from './status.ts';

/** One thing that is not as it was installed. */
export type Finding = {
  /** A stable code. */
  readonly code: string;
  /** A path, or a unit. */
  readonly subject: string;
  readonly detail: string;
};

/** What differs from the last install, worst first. */
export function findingsOf(status: Status): readonly Finding[] {
  const ofRuntimes = status.runtimes.flatMap((runtime): readonly Finding[] => {
    const subject = runtime.unit;
    return [
      ...(runtime.failed ? [{ code: 'failed', subject, detail: 'it has failed' }] : []),
      ...(runtime.pending
        ? [{ code: 'restart-pending', subject, detail: 'it runs with an older definition' }]
        : []),
    ];
  });
  return [
    ...(status.interrupted
      ? [finding('interrupted', 'an install was cut off: `sudo vllmd recover`')]
      : []),
    ...(status.unconfirmed
      ? [finding('unconfirmed', 'the last install waits to be confirmed: `sudo vllmd confirm`')]
      : []),
    ...ofRuntimes,
    // An edit that was told to stay is what the operator wants.
    ...status.drift
      .filter(({ kind }) => kind !== 'pinned')
      .map(({ kind, path, detail }) => ({ code: kind, subject: path, detail })),
  ];
}

function finding(code: string, detail: string): Finding {
  return { code, subject: 'vllmd', detail };
}

/** What puts back what somebody has done, and what starts a unit again, is told of the path and of the unit. */
const toldAlready =
  /^(deleted-by-operator|mode-or-owner-differs|changed-since-start|drop-in-changed|unit-files-changed)/;

/** What an install from the config would change now beyond what the findings say already. */
export function changesPending(
  plan: Plan,
  config: { readonly path: string; readonly isAsInstalled: boolean },
): readonly Finding[] {
  const isNews = ({ reason }: { readonly reason: string }) => !toldAlready.test(reason);
  const changes = plan.changes.filter(isNews);
  const actions = plan.actions.filter(isNews);
  if (changes.length + actions.length === 0) return [];
  const why = config.isAsInstalled
    ? 'an install would not leave this host as it is'
    : 'the config has changed since the last install';
  const detail = `${why}: ${counted(changes.length, 'change')}, ${counted(actions.length, 'action')}`;
  return [{ code: 'changes-pending', subject: config.path, detail }];
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

export function verifyHuman(generation: number, findings: readonly Finding[]): string {
  if (findings.length === 0) return `as installed: generation ${generation}\n`;
  const lines = findings.map(({ code, subject, detail }) => `${code}: ${subject}: ${detail}`);
  const sum = `not as installed: generation ${generation}, ${counted(findings.length, 'difference')}`;
  return `${[sum, ...lines].join('\n')}\n`;
}

export function verifyJson(generation: number, findings: readonly Finding[]): object {
  return { format_version: FORMAT_VERSION, ok: findings.length === 0, generation, findings };
}
