import { visibleLines } from '../core/control-characters.ts';
import type { StepOutcome } from '../core/fleet/execution/execution.ts';
import { redactText } from '../core/fleet/redact.ts';
import type { HostCommand } from '../core/fleet/select-plan.ts';
import type { ExecuteEvent } from '../host/fleet/execute/context.ts';
import type { World } from '../host/world.ts';
import { isAsciiOnly } from './is-ascii-only.ts';
import { styleFor } from './style-for.ts';

export type SelectProgress = {
  readonly on: (event: ExecuteEvent) => void;
  /** Why the last step failed, where nothing else is going to say so. */
  readonly tellFailure: () => void;
  /** Nothing goes on any more. */
  readonly end: () => void;
};

type ProgressOptions = {
  readonly secrets: readonly string[];
  /** With the command of each step before it runs. */
  readonly isVerbose: boolean;
};

/**
 * Says what a selection is doing on standard error: a line for each step when it has ended, and on a terminal how long it
 * has taken so far. Elsewhere the probe alone is told at its beginning as well: it may wait for minutes, the others end soon.
 */
export function selectProgress(
  world: World,
  { secrets, isVerbose }: ProgressOptions,
): SelectProgress {
  let stop = () => {};
  const end = () => {
    stop();
    stop = () => {};
  };
  let failure = '';
  const { yellow } = styleFor(world.stderr);
  return {
    end,
    tellFailure: () => world.stderr.write(failure),
    on: (event) => {
      end();
      switch (event.kind) {
        case 'begin':
          if (isVerbose) tellCommand(event.command, secrets, world);
          stop = world.doing(...inProgress(event, world));
          return;
        case 'end':
          failure = detailOf(event.outcome);
          return tell(event.outcome, world);
        case 'warning':
          world.stderr.write(`${yellow('warning')}: ${visibleLines(event.text)}\n`);
          return;
        default:
          return event satisfies never;
      }
    },
  };
}

function tellCommand(
  command: HostCommand | undefined,
  secrets: readonly string[],
  { stderr }: World,
): void {
  if (command === undefined) return;
  const { dim } = styleFor(stderr);
  const lines = visibleLines(redactText(command.command, secrets)).split('\n');
  stderr.write(`${dim(`+ [${command.hostId}] ${lines.join('\n    ')}`)}\n`);
}

/** What is shown of a step while it lasts; without a terminal it is said once, where it is not told already. */
function inProgress(
  { step, description, command }: Extract<ExecuteEvent, { kind: 'begin' }>,
  { stderr }: World,
): Parameters<World['doing']> {
  const what = visibleLines(description);
  if (step !== 'probe_health' || command === undefined) return [what, { isTold: true }];
  return stderr.isTerminal ? [what] : [`  ${what}, for up to ${command.timeoutSec} s`];
}

function tell(outcome: StepOutcome, world: World): void {
  const { status, step, description, isUndo } = outcome;
  const { red, yellow, green } = styleFor(world.stderr);
  const isAscii = isAsciiOnly(world.env);
  if (status === 'ok') {
    world.notes.write(`  ${visibleLines(description)}... ${green(isAscii ? 'ok' : '✓')}\n`);
    return;
  }
  const isHarmless = step === 'cleanup_model';
  const mark = isAscii ? 'failed' : '✗';
  // Why another one failed is told once, as the error when all has been taken back.
  const lines = isHarmless || isUndo ? detailOf(outcome) : '';
  const after = isHarmless ? ` ${yellow('warning')}: it is only the clean-up, so it goes on` : '';
  const first = `  ${visibleLines(description)}... ${isHarmless ? yellow(mark) : red(mark)}${after}`;
  world.stderr.write(`${first}\n${lines}`);
}

function detailOf({ detail }: StepOutcome): string {
  if (detail === '') return '';
  const lines = visibleLines(detail).split('\n');
  return lines.map((line) => `    ${line}\n`).join('');
}
