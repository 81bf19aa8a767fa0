import { nearest } from '../../config/nearest.ts';
import { keyName } from '../../config/show-value.ts';
import { type Diagnostic, pointer } from '../../diagnostic.ts';
import type { Loc, Problem } from '../read/problem.ts';

/** The problems of a document as those of its file, in which it may be below `prefix`. Values are not told: they may be secret. */
export function documentDiagnostics(
  problems: readonly Problem[],
  prefix: Loc,
): readonly Diagnostic[] {
  return problems.map((problem) => {
    const at = pointer(...prefix, ...problem.loc);
    const name = at === '' ? 'the document' : keyName(at);
    if (problem.type === 'missing') return missing(at, name, problem);
    const help = meant(problem);
    return {
      ...{ severity: 'error', rule: 'hive-value', pointer: at },
      message: `${name}: ${wording(problem.msg)}`,
      ...(help === undefined ? {} : { help }),
    };
  });
}

function missing(at: string, name: string, { loc }: Problem): Diagnostic {
  return {
    ...{ severity: 'error', rule: 'hive-missing', pointer: at },
    message: `${name}: is required`,
    help: `add ${String(loc.at(-1))}: … here`,
  };
}

/** As other messages are: no capital first, no full stop. */
function wording(msg: string): string {
  return msg
    .replace(/^(?:Input|String) /, '')
    .replace(/^[A-Z]/, (letter) => letter.toLowerCase())
    .replace(/\.$/, '');
}

/** Of a word that is nearly one of those that could stand there. */
function meant({ type, msg, input }: Problem): string | undefined {
  if (type !== 'literal_error' || typeof input !== 'string') return undefined;
  const words = [...msg.matchAll(/'([^']*)'/g)].map(([, word = '']) => word);
  const word = nearest(input, words);
  return word === undefined ? undefined : `did you mean ${word}?`;
}
