import { visibleLines } from '../core/control-characters.ts';
import type { StepOutcome } from '../core/fleet/execution/execution.ts';
import { redactText } from '../core/fleet/redact.ts';
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

/** Says what a selection is doing: a line a step on standard error, and on a terminal how long a step has taken. */
export function selectProgress(world: World, secrets: readonly string[]): SelectProgress {
  let stop = () => {};
  const end = () => {
    stop();
    stop = () => {};
  };
  let failure = '';
  const shown = (text: string) => visibleLines(redactText(text, secrets));
  const { yellow } = styleFor(world.stderr);
  return {
    end,
    tellFailure: () => world.stderr.write(failure),
    on: (event) => {
      end();
      switch (event.kind) {
        case 'begin':
          stop = world.doing(shown(event.description));
          return;
        case 'end':
          failure = detailOf(event.outcome, shown);
          return tell(event.outcome, shown, world);
        case 'warning':
          world.stderr.write(`${yellow('warning')}: ${shown(event.text)}\n`);
          return;
        default:
          return event satisfies never;
      }
    },
  };
}

function tell(outcome: StepOutcome, shown: (text: string) => string, world: World): void {
  const { status, step, description, isUndo } = outcome;
  const { red, yellow, green } = styleFor(world.stderr);
  const isAscii = isAsciiOnly(world.env);
  if (status === 'ok') {
    world.notes.write(`  ${shown(description)}... ${green(isAscii ? 'ok' : '✓')}\n`);
    return;
  }
  const isHarmless = step === 'cleanup_model';
  const mark = isAscii ? 'failed' : '✗';
  // Why another one failed is told once, as the error when all has been taken back.
  const lines = isHarmless || isUndo ? detailOf(outcome, shown) : '';
  const after = isHarmless ? ` ${yellow('warning')}: it is only the clean-up, so it goes on` : '';
  const first = `  ${shown(description)}... ${isHarmless ? yellow(mark) : red(mark)}${after}`;
  world.stderr.write(`${first}\n${lines}`);
}

function detailOf({ detail }: StepOutcome, shown: (text: string) => string): string {
  if (detail === '') return '';
  const lines = shown(detail).split('\n');
  return lines.map((line) => `    ${line}\n`).join('');
}
