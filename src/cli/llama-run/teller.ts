import { visible } from '../../core/control-characters.ts';
import { counted } from '../../core/counted.ts';
import { named } from '../../core/llama/rules/tell.ts';
import { failedInWords, type Outcome, running } from '../../core/llama/run/outcome.ts';
import { elapsed } from '../../core/report/units-human.ts';
import type { Output, World } from '../../host/world.ts';
import { styleFor } from '../style-for.ts';
import type { Job } from './job.ts';

type Screens = Pick<World, 'stdout' | 'stderr' | 'notes'>;

/** Says what happens, as it happens. */
export type Teller = {
  readonly healthy: (outcome: Outcome) => void;
  /** One line, the end of its log, and what would help. */
  readonly failed: (job: Job, reason: string, more?: FailureDetail) => void;
  readonly ended: (outcome: Outcome, words: string) => void;
  readonly note: (text: string) => void;
  readonly warn: (text: string) => void;
  readonly summary: (outcomes: readonly Outcome[]) => void;
};

export type FailureDetail = { readonly tail?: readonly string[]; readonly help?: string };

/** `widest`: of the names. Results go to stdout, unless that is for JSON. */
export function tellerOn(
  { stdout, stderr, notes }: Screens,
  { json, widest }: { readonly json: boolean; readonly widest: number },
): Teller {
  const results: Output = json ? notes : stdout;
  const style = styleFor(stderr);
  const warn = (text: string) => {
    stderr.write(`${style.yellow('warning')}${style.bold(`: ${text}`)}\n`);
  };
  const error = (text: string) => {
    stderr.write(`${style.red('error')}${style.bold(`: ${text}`)}\n`);
  };
  return {
    healthy: ({ name, healthyAfterMs = 0, url, pid, log }) => {
      const after = elapsed(healthyAfterMs);
      results.write(
        `${name.padEnd(widest)}  healthy after ${after}  ${visible(url)}  pid ${pid}  log ${visible(log)}\n`,
      );
    },
    failed: ({ instance, log }, reason, { tail = [], help } = {}) => {
      error(`${named(instance)} ${reason}; log ${visible(log)}`);
      if (help !== undefined) stderr.write(`  help: ${help}\n`);
      stderr.write(tail.map((line) => `  | ${line}\n`).join(''));
    },
    ended: ({ name }, words) => {
      results.write(`${name.padEnd(widest)}  ${words}\n`);
    },
    note: (text) => notes.write(`${text}\n`),
    warn,
    summary: (outcomes) => {
      if (outcomes.some(({ state }) => state === 'failed')) error(failedInWords(outcomes));
      const waiting = outcomes.filter(({ state }) => state === 'not-started');
      if (waiting.length > 0) {
        notes.write(`not started: ${waiting.map(({ name }) => name).join(', ')}\n`);
      }
      const left = running(outcomes);
      if (left.length === 0) return;
      const names = left.map(({ name, pid }) => `${name} (pid ${pid})`).join(', ');
      notes.write(`${counted(left.length, 'instance')} running: ${names}\n`);
    },
  };
}
