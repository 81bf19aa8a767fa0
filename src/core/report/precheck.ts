import { visible } from '../control-characters.ts';
import { counted } from '../counted.ts';
import { type Check, subsystems, type Verdict } from '../precheck/check.ts';
import type { Precheck } from '../precheck/precheck.ts';
import { drawnInAscii } from './ascii-drawing.ts';
import { FORMAT_VERSION } from './format-version.ts';
import { type RecordedSubject, recordedJson } from './recorded-json.ts';
import type { Style } from './style.ts';
import { wrap } from './wrap.ts';

export type PrecheckSubject = {
  /** The config that the host is held against. */
  readonly config: string | undefined;
  readonly recorded: RecordedSubject | undefined;
  /** How root would look at the same. */
  readonly asRoot: string;
};

export type PrecheckLook = {
  readonly style: Style;
  /** Of the terminal; undefined: nothing is broken. */
  readonly width: number | undefined;
  readonly isAscii: boolean;
};

/** For people: one line a check, what helps below it, and the verdict as the last line. */
export function precheckHuman(
  result: Precheck,
  subject: PrecheckSubject,
  look: PrecheckLook,
): string {
  const { style } = look;
  const checks = result.subsystems.flatMap((one) => one.checks);
  const idWidth = Math.max(...checks.map(({ id }) => id.length));
  const blocks = result.subsystems.map(({ name, score, checks: own }) =>
    [
      `${style.bold(name)}  ${score}`,
      ...own.flatMap((check, at) => checkLines(withoutRepeated(check, own[at + 1]), idWidth, look)),
    ].join('\n'),
  );
  return `${[title(subject, style), ...blocks, summary(result, subject, style)].join('\n\n')}\n`;
}

/** What helps against the same problem of several devices is said once, below the last. */
function withoutRepeated(check: Check, next: Check | undefined): Check {
  const isSame = check.id === next?.id && check.remedy?.join('\n') === next.remedy?.join('\n');
  return isSame ? { ...check, remedy: [] } : check;
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
/** Messages get a column of their own where it is at least this wide. */
const LEAST_COLUMN = 60;
/** To be copied, so it stays in one line. */
const COMMAND = /\b(?:sudo|grep|docker) |^(?:vllmd|lspci|echo) /;

function checkLines(
  check: Check,
  idWidth: number,
  { style, width, isAscii }: PrecheckLook,
): readonly string[] {
  const { id, verdict, message, needsRoot, detail = [], remedy = [] } = check;
  const shown = (text: string) => (isAscii ? drawnInAscii(visible(text)) : visible(text));
  const word = colourOf(verdict, style)(verdict.toUpperCase());
  const root = needsRoot === true ? 'needs root: ' : '';
  const arrow = isAscii ? '->' : '→';
  const column = `  ${verdict}  `.length + idWidth + 2;
  const hanging = (width ?? 0) - column < LEAST_COLUMN ? INDENT.length + 2 : column;
  const [first = '', ...others] = broken(root + shown(message), { column, hanging, width });
  return [
    `  ${word}  ${id.padEnd(idWidth)}  ${first}`,
    ...others,
    ...detail.map((line) => `${INDENT}  ${style.dim(shown(line))}`),
    ...remedy.flatMap((line) => {
      const whole = `${INDENT}${style.cyan(arrow)} ${shown(line)}`;
      const below = ' '.repeat(INDENT.length + arrow.length + 1);
      return COMMAND.test(line) ? [whole] : wrap(whole, width, below);
    }),
  ];
}

type Room = {
  readonly column: number;
  readonly hanging: number;
  readonly width: number | undefined;
};

/** The first line begins at a column, the others are indented. */
function broken(message: string, { column, hanging, width }: Room): readonly string[] {
  const lead = `${'.'.repeat(column - 1)} `;
  const [first = '', ...others] = wrap(lead + message, width, ' '.repeat(hanging));
  return [first.slice(column), ...others];
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

function summary(result: Precheck, { recorded, asRoot }: PrecheckSubject, style: Style): string {
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
  const where = recorded === undefined ? '' : 'on that host, ';
  return `${counted(rooted, 'check')} could say more to root: ${where}${asRoot}\n${last}`;
}

function some(count: number, noun: string): readonly string[] {
  return count === 0 ? [] : [counted(count, noun)];
}

/** The same for programs. */
export function precheckJson(result: Precheck, { config, recorded }: PrecheckSubject): object {
  return {
    format_version: FORMAT_VERSION,
    ok: result.isReady,
    ready: result.isReady,
    score: result.score,
    config: config ?? null,
    recorded: recordedJson(recorded),
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
