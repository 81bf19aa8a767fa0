import { setMaxListeners } from 'node:events';
import type { Key } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { VllmdError } from '../../core/failure.ts';
import { wrap } from '../../core/report/wrap.ts';
import type { Terminal } from '../../host/world.ts';

type Choice<Value> = {
  readonly value: Value;
  readonly label: string;
  readonly hint?: string;
  readonly disabled?: boolean;
};

type TextQuestion = {
  readonly message: string;
  /** The answer of who types nothing. */
  readonly initial: string;
  /** What is wrong with an answer; undefined for nothing. */
  readonly problem: (answer: string) => string | undefined;
};

/** Questions on a terminal. Each ends the program with 130 when it is left with Ctrl-C, Ctrl-D or Escape, or when the terminal is gone. */
export type Prompts = {
  /** Columns beside the bar; undefined where the terminal has no size. */
  readonly width: number | undefined;
  readonly say: (text: string) => void;
  readonly warn: (text: string) => void;
  readonly text: (question: TextQuestion) => Promise<string>;
  readonly confirm: (message: string) => Promise<boolean>;
  /** What is typed is not shown, nor how much of it. */
  readonly secret: (message: string) => Promise<string>;
  readonly one: (
    message: string,
    choices: readonly Choice<string>[],
    initial: string,
  ) => Promise<string>;
  readonly several: (
    message: string,
    choices: readonly Choice<string>[],
    initial: readonly string[],
  ) => Promise<readonly string[]>;
};

/** Loaded only where there is somebody to ask. */
export async function openPrompts({ input, output }: Terminal): Promise<Prompts> {
  const clack = await import('@clack/prompts');
  const at = { input, output, signal: leftBy(input) };
  const bar = `\n${clack.S_BAR}  `;
  // The library breaks what it is given, and only some of its questions keep their bar then.
  const width = widthBesideBar(output);
  const broken = (text: string) => text.split('\n').flatMap((line) => pieces(line, width));
  const answered = <Value>(answer: Value | typeof clack.CANCEL_SYMBOL): Value => {
    if (answer !== clack.CANCEL_SYMBOL) return answer;
    throw new VllmdError('interrupted', 'left before the end: nothing was written');
  };
  return {
    width,
    say: (text) => clack.log.message(broken(text), { output }),
    warn: (text) => clack.log.warn(broken(text).join('\n'), { output }),
    text: async ({ message, initial, problem }) =>
      answered(
        await clack.text({
          ...at,
          message: broken(message).join(bar),
          placeholder: initial,
          defaultValue: initial,
          validate: (answer) => problem((answer ?? '').trim() || initial),
        }),
      ).trim() || initial,
    confirm: async (message) => answered(await clack.confirm({ ...at, message })),
    secret: async (message) =>
      answered(
        await clack.password({
          ...at,
          message,
          mask: '',
          validate: (answer) => ((answer ?? '') === '' ? 'it is empty' : undefined),
        }),
      ),
    one: async (message, choices, initial) =>
      answered(
        await clack.select<string>({
          ...at,
          message,
          options: [...choices],
          initialValue: initial,
        }),
      ),
    several: async (message, choices, initial) =>
      answered(
        await clack.multiselect<string>({
          ...at,
          message,
          options: [...choices],
          initialValues: [...initial],
          required: true,
        }),
      ),
  };
}

/** Of the bar before each line, and of blanks after it. */
const GUIDE_WIDTH = 3;
const ROW_INDENT = '  ';

/** What the prompts themselves wait through for ever: Ctrl-D, and the end of the input. */
function leftBy(input: Readable): AbortSignal {
  const left = new AbortController();
  // Each question listens, and there may be many.
  setMaxListeners(0, left.signal);
  const leave = () => left.abort();
  for (const event of ['end', 'close', 'error']) input.once(event, leave);
  input.on('keypress', (_: unknown, { ctrl, name }: Key) => {
    if (ctrl === true && name === 'd') leave();
  });
  return left.signal;
}

/** The row of a table keeps its blanks, and a comment of a config goes on as one. */
function pieces(line: string, width: number | undefined): readonly string[] {
  const isRow = /\S {2,}\S/.test(line);
  if (!isRow || width === undefined) return wrap(line, width, line.startsWith('# ') ? '# ' : '');
  const most = Math.max(1, width - ROW_INDENT.length);
  const cells = new RegExp(`\\S.{0,${most - 1}}(?= {2}|$)|\\S.{0,${most - 1}}`, 'gu');
  return (line.match(cells) ?? []).map((part, at) => (at === 0 ? part : ROW_INDENT + part));
}

function widthBesideBar(output: Writable): number | undefined {
  const columns = 'columns' in output ? Number(output.columns) : 0;
  return columns > GUIDE_WIDTH ? columns - GUIDE_WIDTH : undefined;
}
