import { visible } from '../../../core/control-characters.ts';
import { type ExitName, VllmdError } from '../../../core/failure.ts';
import { refusalLines } from '../../../core/hive/answers/refusal-lines.ts';
import type { HiveAnswer } from './hive-client.ts';

/** Who has asked, for what would help. */
export type Asker = {
  readonly url: string;
  readonly hasKey: boolean;
  /** Where its key may be, besides in a file. */
  readonly keyVariable: string;
};

/** A registry has answered, and did not do what it was asked for. */
export class RefusedError extends VllmdError {
  readonly status: number;

  constructor(status: number, exit: ExitName, message: string, hint?: string) {
    super(exit, message, hint);
    this.status = status;
  }
}

/** What such an answer is as a failure of a command. */
export function refused(
  { status, body }: HiveAnswer,
  { url, hasKey, keyVariable }: Asker,
): RefusedError {
  const registry = `the registry at ${visible(url)}`;
  if (status === 401) {
    const what = hasKey ? 'does not take this key' : 'asks for a key';
    const help = `name the file of a key that it knows with --key-file FILE, or put it into $${keyVariable}`;
    return new RefusedError(status, 'runtime', `${registry} ${what}`, help);
  }
  const lines = refusalLines(body);
  if (status === 422) {
    const message = `${registry} refuses what it was sent`;
    const all = [message, ...lines.map((line) => `  ${line}`)].join('\n');
    return new RefusedError(status, 'config', all);
  }
  const [first] = lines;
  const why = first === undefined ? '' : `: ${first}`;
  const exit = status === 409 ? 'conflict' : 'runtime';
  return new RefusedError(status, exit, `${registry} answers with status ${status}${why}`);
}
