import { visible } from '../control-characters.ts';
import { formatDuration } from '../duration.ts';
import type { Change, Conflict } from '../plan/change.ts';
import { helpFor } from '../plan/choices.ts';
import { totalDowntime } from '../plan/downtime.ts';
import type { Entry } from '../plan/observed.ts';
import { octal } from '../plan/octal.ts';
import { isEmptyPlan, type Plan, type PlannedAction } from '../plan/plan.ts';
import type { Artefact } from '../render/artefact.ts';
import type { Operation } from '../transaction/journal.ts';
import { columns } from './columns.ts';
import { describeReason } from './reasons.ts';
import type { Style } from './style.ts';
import { textDiff } from './text-diff.ts';

/** The whole plan as text: every file as a unified diff, then the actions in their order, then one line that sums up. */
export function planHuman(plan: Plan, style: Style, operation: Operation = 'install'): string {
  const blocks = [
    ...plan.changes.map((change) => changeLines(change, style)),
    actionLines(plan, style, operation),
    noticeLines(plan, style),
    [style.bold(planSummary(plan, operation))],
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

const asItIs: Readonly<Record<Operation, string>> = {
  install: 'the host is as the config says',
  uninstall: 'what vllmd has installed is removed already',
  rollback: 'the host is as that generation left it',
};

function planSummary(plan: Plan, operation: Operation): string {
  if (isEmptyPlan(plan) && plan.isComplete && plan.conflicts.length === 0) {
    const kept = plan.owned.files.some(({ pinned }) => pinned !== undefined);
    const but = [kept ? 'what is kept' : '', plan.pending.length > 0 ? 'pending restarts' : ''];
    const except = but.filter(Boolean).join(' and ');
    return `Nothing to do: ${asItIs[operation]}${except === '' ? '' : `, but for ${except}`}.`;
  }
  const files = (verb: Change['verb']) =>
    plan.changes.filter((change) => change.verb === verb).length;
  const units = (verb: string) => plan.actions.filter((action) => action.verb === verb).length;
  const parts = [
    `${files('create')} to create`,
    `${files('update') + files('metadata')} to change`,
    `${files('delete')} to delete`,
  ];
  return `Plan: ${parts.join(', ')}; units: ${units('start')} to start, ${units('restart')} to restart, ${units('stop')} to stop.`;
}

/** What keeps an install from going on, each with the difference that is at stake. */
export function conflictsHuman(
  conflicts: readonly Conflict[],
  style: Style,
  operation: Operation = 'install',
): string {
  return conflicts
    .map((conflict) => `${conflictLines(conflict, style, operation).join('\n')}\n`)
    .join('\n');
}

function changeLines(change: Change, style: Style): readonly string[] {
  const { after, before, path } = change;
  const title = style.bold(`${verbOf(change)} ${change.type} ${path}${targetOf(change)}`);
  const attributes = metadataOf(change);
  const note = keptNote(change);
  const head = [title, attributes, note].filter(Boolean).join('  ');
  if (change.type !== 'file' || change.verb === 'metadata') return [head];
  const diff = textDiff({
    path,
    before: before.type === 'file' ? before.text : undefined,
    after: after?.type === 'file' ? after.text : undefined,
    sensitive: change.sensitive,
  });
  return [head, ...diff.map((line) => colour(line, style))];
}

/** What becomes of bytes that are the operator's. */
function keptNote({ keepsBackup, restores }: Change): string {
  const notes = [
    keepsBackup === true ? 'a copy of it is kept' : '',
    restores === undefined ? '' : `then put back ${restores}`,
  ];
  return notes.filter(Boolean).join(', ');
}

function verbOf({ verb }: Change): string {
  return verb === 'metadata' ? 'correct' : verb;
}

function targetOf({ after, before }: Change): string {
  if (after?.type === 'link') return ` -> ${after.target}`;
  return after === undefined && before.type === 'link' ? ` -> ${visible(before.target)}` : '';
}

/** Mode and owner: the new ones where there is something new, both where they differ. */
function metadataOf({ after, before }: Change): string {
  if (after === undefined || after.type === 'link') return '';
  const mode = octal(after.mode);
  const owner = `${after.owner.user}:${after.owner.group}`;
  const old = oldMetadata(before, after);
  return `mode ${old.mode}${mode}  owner ${old.owner}${owner}`;
}

function oldMetadata(before: Entry, after: Exclude<Artefact, { type: 'link' }>) {
  if (before.type !== 'file' && before.type !== 'directory') return { mode: '', owner: '' };
  const sameOwner = before.uid === after.owner.uid && before.gid === after.owner.gid;
  return {
    mode: before.mode === after.mode ? '' : `${octal(before.mode)} -> `,
    owner: sameOwner ? '' : `${before.uid}:${before.gid} -> `,
  };
}

function conflictLines(conflict: Conflict, style: Style, operation: Operation): readonly string[] {
  const { path, kind, detail, actual, desired, last } = conflict;
  const title = `${style.red(`conflict[${kind}]`)}${style.bold(`: ${visible(path)}: ${visible(detail)}`)}`;
  const help = helpFor(conflict, operation);
  const helpLine = help === '' ? [] : [`  ${style.bold('help')}: ${help}`];
  if (actual.type !== 'file') return [title, ...helpLine];
  const wanted = desired?.type === 'file' ? desired.text : undefined;
  const planned = conflictDiff(conflict, actual.text, wanted, style);
  if (last === undefined) return [title, ...planned, ...helpLine];
  return [
    title,
    style.bold('What you changed:'),
    ...conflictDiff(conflict, last, actual.text, style),
    style.bold(`What ${operation} would do:`),
    ...planned,
    ...helpLine,
  ];
}

function conflictDiff(
  { path, sensitive }: Conflict,
  before: string,
  after: string | undefined,
  style: Style,
): readonly string[] {
  const diff = textDiff({ path, before, after, sensitive });
  return diff.map((line) => colour(line, style));
}

function actionLines(plan: Plan, style: Style, operation: Operation): readonly string[] {
  if (plan.actions.length === 0) return [];
  const rows = plan.actions.map((action, position) => [
    `${position + 1}.`.padStart(4),
    `${action.verb}${action.unit === undefined ? '' : ` ${action.unit}`}`,
    describeReason(action.reason, operation) + downtimeOf(action),
  ]);
  const total = totalDowntime(plan.actions);
  const sum = `without a runtime: about ${formatDuration(total * 1000)} in all, one after the other`;
  return [
    style.bold('systemctl actions, in order:'),
    ...columns(rows),
    ...(total === 0 ? [] : [`      ${sum}`]),
  ];
}

function downtimeOf({ downtimeSeconds }: PlannedAction): string {
  if (downtimeSeconds === undefined) return '';
  return `; its last start took ${formatDuration(downtimeSeconds * 1000)}`;
}

function noticeLines(plan: Plan, style: Style): readonly string[] {
  return plan.notices.map(
    ({ path, unit, text }) => `${style.yellow('note')}: ${path ?? unit ?? ''}: ${visible(text)}`,
  );
}

function colour(line: string, style: Style): string {
  if (line.startsWith('@@')) return style.cyan(line);
  if (line.startsWith('+')) return style.green(line);
  return line.startsWith('-') ? style.red(line) : line;
}
