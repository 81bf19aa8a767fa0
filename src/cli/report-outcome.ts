import { visibleLines } from '../core/control-characters.ts';
import { formatDuration } from '../core/duration.ts';
import { exitCodes, VllmdError } from '../core/failure.ts';
import type { Manifest } from '../core/plan/manifest.ts';
import { membersInWords } from '../core/resolve/member.ts';
import type { Outcome } from '../host/transaction/execute.ts';
import type { Undone } from '../host/transaction/undo.ts';
import type { World } from '../host/world.ts';
import { styleFor } from './style-for.ts';

/** Says on which generation each runtime is now, and what that means for the exit code. */
export function reportOutcome(
  outcome: Outcome,
  { before, sentence = inPlace }: ReportOptions,
  world: World,
): number {
  showNotes(outcome, world);
  if (outcome.incomplete !== undefined) {
    if (outcome.cause !== undefined) showCause(outcome.cause, world);
    showRemainder(outcome.incomplete, world);
    return exitCodes.rollbackIncomplete;
  }
  showGeneration(outcome, { last: before?.generation ?? 0, sentence }, world);
  return exitCodeOf(outcome);
}

type ReportOptions = {
  readonly before: Manifest | null;
  readonly sentence?: ((generation: number) => string) | undefined;
};

function inPlace(generation: number): string {
  return `generation ${generation} is in place`;
}

function showGeneration(
  outcome: Outcome,
  { last, sentence }: { readonly last: number; readonly sentence: (generation: number) => string },
  world: World,
): void {
  const { committed, undone } = outcome;
  const { stderr } = world;
  const now = committed?.manifest.generation ?? last;
  if (now !== last) {
    const output = outcome.failures.length + undone.length > 0 ? stderr : world.notes;
    output.write(`${sentence(now)}${exceptFor(outcome, last)}\n`);
  } else if (undone.length > 0 || endedEarly(outcome)) {
    stderr.write(
      `everything is ${last === 0 ? 'as before the first install' : `as in generation ${last}`}\n`,
    );
  }
  if (committed?.deadline === undefined) return;
  const left = formatDuration(committed.deadline - world.now());
  stderr.write(
    `run \`sudo ${world.layer.command} confirm\` within ${left}, else generation ${last} comes back\n`,
  );
}

function showNotes({ saved, backups, committed }: Outcome, world: World): void {
  showSaved(saved, world);
  for (const [path, copy] of backups) {
    world.stderr.write(`note: what you had in ${path} is in ${copy}\n`);
  }
  for (const path of committed?.kept ?? []) {
    world.notes.write(`note: ${path} is not empty, or cannot be removed, and stays\n`);
  }
}

function endedEarly({ cause, signal, failures }: Outcome): boolean {
  return cause !== undefined || signal !== undefined || failures.length > 0;
}

function exceptFor({ undone }: Outcome, last: number): string {
  if (undone.length === 0) return '';
  const where = last === 0 ? 'not installed' : `as in generation ${last}`;
  return `, but not for ${membersInWords(undone)}: ${where}`;
}

function exitCodeOf({ cause, signal, failures, committed }: Outcome): number {
  if (signal !== undefined) {
    return signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated;
  }
  if (committed?.notArmed !== undefined) throw committed.notArmed;
  // Ends as every other failure does: with its message, and with a trace where it is a bug.
  if (cause !== undefined) throw cause;
  return failures.length > 0 ? exitCodes.runtime : exitCodes.ok;
}

function showCause(cause: Error, world: World): void {
  const { red } = styleFor(world.stderr);
  world.stderr.write(`${red('error')}: ${visibleLines(cause.message)}\n`);
  if (cause instanceof VllmdError && cause.hint !== undefined) {
    world.stderr.write(`  help: ${cause.hint}\n`);
  }
}

/** What could not be taken back, and the commands that are left to run. */
export function showRemainder({ remaining, isRecord }: Undone, world: World): void {
  const { red, bold } = styleFor(world.stderr);
  const lines = remaining.flatMap(({ what, journal = '' }) => [
    `${red('error')}${bold(`: ${visibleLines(what)}`)}`,
    ...(journal === ''
      ? []
      : visibleLines(journal)
          .split('\n')
          .map((line) => `  | ${line}`)),
  ]);
  const commands = remaining.flatMap(({ command }) => command ?? []);
  const left = [...commands, `sudo ${world.layer.command} recover`].map(
    (command, at) => `  ${at + 1}. ${command}`,
  );
  const what = isRecord === true ? 'What was done is not recorded' : 'The way back is not finished';
  const head = `${what}; the journal is kept. Once the cause is gone, run:`;
  world.stderr.write(`${[...lines, head, ...left].join('\n')}\n`);
}

export function showSaved(saved: ReadonlyMap<string, string>, world: World): void {
  for (const [path, copy] of saved) {
    world.stderr.write(`note: ${path} was changed meanwhile; what was there is in ${copy}\n`);
  }
}
