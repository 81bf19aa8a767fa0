import { visible } from '../control-characters.ts';
import { counted } from '../counted.ts';
import { blockerInWords } from '../plan/blocked.ts';
import type { Drift } from '../plan/drift.ts';
import type { Plan } from '../plan/plan.ts';
import { FORMAT_VERSION } from './format-version.ts';
import type { Unfinished } from './status.ts';

/** One thing that is not as it was installed. */
export type Finding = {
  /** A stable code. */
  readonly code: string;
  /** A path, or a unit. */
  readonly subject: string;
  readonly detail: string;
};

type UnitStatus = {
  readonly unit: string;
  readonly failed: boolean;
  readonly pending: boolean;
  readonly blocked_by?: string | null;
};

/** What the status of a layer tells of its units and files. */
export type UnitsStatus = Unfinished & {
  readonly units: readonly UnitStatus[];
  /** Its members. */
  readonly runtimes: readonly UnitStatus[];
  readonly drift: readonly Drift[];
};

/** What differs from the last install, worst first. */
export function findingsOf(status: UnitsStatus, command = 'vllmd'): readonly Finding[] {
  return [
    ...(status.interrupted
      ? [finding('interrupted', `an install was cut off: \`sudo ${command} recover\``)]
      : []),
    ...(status.unconfirmed
      ? [
          finding(
            'unconfirmed',
            `the last install waits to be confirmed: \`sudo ${command} confirm\``,
          ),
        ]
      : []),
    ...[...status.units, ...status.runtimes].flatMap(ofUnit),
    // An edit that was told to stay is what the operator wants.
    ...status.drift
      .filter(({ kind }) => kind !== 'pinned')
      .map(({ kind, path, detail }) => ({ code: kind, subject: path, detail })),
  ];
}

function ofUnit(status: UnitStatus): readonly Finding[] {
  const { unit: subject, failed, pending, blocked_by: blocker = null } = status;
  return [
    ...(failed ? [{ code: 'failed', subject, detail: 'it has failed' }] : []),
    ...(blocker === null
      ? []
      : [{ code: 'failed', subject, detail: `it did not start: ${blockerInWords(blocker)}` }]),
    ...(pending
      ? [{ code: 'restart-pending', subject, detail: 'it runs with an older definition' }]
      : []),
  ];
}

function finding(code: string, detail: string): Finding {
  return { code, subject: 'vllmd', detail };
}

/** What puts back what somebody has done is told of the path, and what starts a unit again of the unit. */
const ofPath = /^(deleted-by-operator|mode-or-owner-differs)/;
const ofStart = /^(changed-since-start|drop-in-changed)/;

/** What an install from the config would change now beyond what the findings say already. */
export function changesPending(
  plan: Plan,
  config: { readonly path: string; readonly isAsInstalled: boolean },
  findings: readonly Finding[],
): readonly Finding[] {
  const told = new Set(findings.map(({ subject }) => subject));
  const changes = plan.changes.filter(({ reason }) => !ofPath.test(reason));
  const actions = plan.actions.filter(
    ({ verb, unit, reason }) =>
      verb !== 'daemon-reload' && !(ofStart.test(reason) && told.has(unit ?? '')),
  );
  if (changes.length + actions.length === 0) return [];
  const why = config.isAsInstalled
    ? 'an install would not leave this host as it is'
    : 'the config has changed since the last install';
  const detail = `${why}: ${counted(changes.length, 'change')}, ${counted(actions.length, 'action')}`;
  return [{ code: 'changes-pending', subject: config.path, detail }];
}

export function verifyHuman(generation: number, findings: readonly Finding[]): string {
  if (findings.length === 0) return `as installed: generation ${generation}\n`;
  const lines = findings.map(
    ({ code, subject, detail }) => `${code}: ${visible(subject)}: ${visible(detail)}`,
  );
  const sum = `not as installed: generation ${generation}, ${counted(findings.length, 'difference')}`;
  return `${[sum, ...lines].join('\n')}\n`;
}

export function verifyJson(generation: number, findings: readonly Finding[]): object {
  return { format_version: FORMAT_VERSION, ok: findings.length === 0, generation, findings };
}
