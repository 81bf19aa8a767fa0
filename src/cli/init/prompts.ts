import type { Key } from 'node:readline';
import type { Readable } from 'node:stream';
import { VllmdError } from '../../core/failure.ts';
import type { Terminal } from '../../host/world.ts';

type Choice<Value> = {
  readonly value: Value;
  readonly label: string;
  readonly hint?: string;
  readonly disabled?: boolean;
};

type TextQuestion = {
  readonly message: string;
  readonly initial: string;
  /** What is wrong with an answer; undefined for nothing. */
  readonly problem: (answer: string) => string | undefined;
};

/** Questions on a terminal. Each ends the program with 130 when it is left with Ctrl-C, Ctrl-D or Escape, or nobody is there any more. */
export type Prompts = {
  readonly say: (text: string) => void;
  readonly warn: (text: string) => void;
  readonly text: (question: TextQuestion) => Promise<string>;
  readonly confirm: (message: string) => Promise<boolean>;
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
  const answered = <Value>(answer: Value | typeof clack.CANCEL_SYMBOL): Value => {
    if (answer !== clack.CANCEL_SYMBOL) return answer;
    throw new VllmdError('interrupted', 'left before the end: nothing was written');
  };
  return {
    say: (text) => clack.log.message(text, { output }),
    warn: (text) => clack.log.warn(text, { output }),
    text: async ({ message, initial, problem }) =>
      answered(
        await clack.text({
          ...at,
          message,
          initialValue: initial,
          validate: (answer) => problem((answer ?? '').trim()),
        }),
      ).trim(),
    confirm: async (message) => answered(await clack.confirm({ ...at, message })),
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

/** What the prompts themselves wait through for ever: Ctrl-D, and the end of the input. */
function leftBy(input: Readable): AbortSignal {
  const left = new AbortController();
  const leave = () => left.abort();
  for (const event of ['end', 'close', 'error']) input.once(event, leave);
  input.on('keypress', (_: unknown, { ctrl, name }: Key) => {
    if (ctrl === true && name === 'd') leave();
  });
  return left.signal;
}
