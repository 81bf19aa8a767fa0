import { visible } from '../control-characters.ts';
import { type Check, subsystems, type Verdict } from '../precheck/check.ts';
import type { Precheck } from '../precheck/precheck.ts';
import { counted } from '../precheck/view.ts';
import { FORMAT_VERSION } from './format-version.ts';
import type { Style } from './style.ts';

export type PrecheckSubject = {
  /** The config that the host is held against. */
  readonly config: string | undefined;
  /** Where it is a host that was recorded. */
  readonly recorded:
    | { readonly file: string; readonly vllmdVersion: string; readonly isRoot: boolean }
    | undefined;
};

/** For people: one line a check, what helps below it, and the verdict as the last line. */
export function precheckHuman(result: Precheck, subject: PrecheckSubject, style: Style): string {
  const checks = result.subsystems.flatMap((one) => one.checks);
  const width = Math.max(...checks.map(({ id }) => id.length));
  const blocks = result.subsystems.map(({ name, score, checks: own }) =>
    [
      `${style.bold(name)}  ${score}`,
      ...own.flatMap((check) => checkLines(check, width, style)),
    ].join('\n'),
  );
  return `${[title(subject, style), ...blocks, summary(result, style)].join('\n\n')}\n`;
}

function title({ config, recorded }: PrecheckSubject, style: Style): string {
  const subject = recorded === undefined ? 'this host' : `the host of ${visible(recorded.file)}`;
  const purpose = config === undefined ? 'without a config' : `for ${visible(config)}`;
  const line = style.bold(`readiness of ${subject} ${purpose}`);
  if (recorded === undefined) return line;
  const { vllmdVersion, isRoot } = recorded;
  return `${line}, recorded by vllmd ${visible(vllmdVersion)}${isRoot ? '' : ' without root'}`;
}

const INDENT = '        ';

function checkLines(check: Check, width: number, style: Style): readonly string[] {
  const { id, verdict, message, needsRoot, detail = [], remedy = [] } = check;
  const word = colourOf(verdict, style)(verdict.toUpperCase());
  const root = needsRoot === true ? 'needs root: ' : '';
  return [
    `  ${word}  ${id.padEnd(width)}  ${root}${visible(message)}`,
    ...detail.map((line) => `${INDENT}  ${style.dim(visible(line))}`),
    ...remedy.map((line) => `${INDENT}${style.cyan('→')} ${visible(line)}`),
  ];
}

function colourOf(verdict: Verdict, style: Style): (text: string) => string {
  switch (verdict) {
    case 'pass':
      return style.green;
    case 'info':
      return style.dim;
    case 'warn':
    case 'risk':
      return style.yellow;
    case 'fail':
      return style.red;
    default:
      return verdict satisfies never;
  }
}

function summary(result: Precheck, style: Style): string {
  const checks = result.subsystems.flatMap((one) => one.checks);
  const count = (wanted: Verdict) => checks.filter(({ verdict }) => verdict === wanted).length;
  const rooted = checks.filter(({ needsRoot }) => needsRoot === true).length;
  const parts = [
    ...(count('fail') === 0 ? [] : [`${count('fail')} failed`]),
    ...some(count('risk'), 'risk'),
    ...some(count('warn'), 'warning'),
    `score ${result.score} of 100`,
  ];
  const word = result.isReady ? style.green('READY') : style.red('NOT-READY');
  const last = `${style.bold(word)}: ${parts.join(', ')}`;
  if (rooted === 0) return last;
  return `${counted(rooted, 'check')} could say more to root: sudo vllmd precheck\n${last}`;
}

function some(count: number, noun: string): readonly string[] {
  return count === 0 ? [] : [counted(count, noun)];
}

/** The same for programs. */
export function precheckJson(result: Precheck, { config, recorded }: PrecheckSubject): object {
  return {
    format_version: FORMAT_VERSION,
    ready: result.isReady,
    score: result.score,
    config: config ?? null,
    recorded:
      recorded === undefined
        ? null
        : { file: recorded.file, vllmd_version: recorded.vllmdVersion, as_root: recorded.isRoot },
    scores: Object.fromEntries(
      subsystems.flatMap((name) => {
        const found = result.subsystems.find((one) => one.name === name);
        return found === undefined ? [] : [[name, found.score]];
      }),
    ),
    checks: result.subsystems.flatMap((one) => one.checks).map(checkJson),
  };
}

function checkJson(check: Check): object {
  const { id, subsystem, verdict, message, detail = [], remedy = [], needsRoot } = check;
  return { id, subsystem, verdict, message, detail, remedy, needs_root: needsRoot === true };
}
