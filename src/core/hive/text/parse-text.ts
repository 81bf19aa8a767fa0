import { Composer, type Document, Parser } from 'yaml';
import { positionsIn } from '../../fleet/json/positions.ts';
import { failure, type Result, success } from '../../result.ts';
import { deepToken } from './deep-token.ts';
import { severalDocuments, syntaxDiagnostic, syntaxProblem } from './syntax-problems.ts';
import { type Places, readTree } from './tree.ts';

/** What a file says, and where in its text everything stands. */
export type ParsedText = { readonly value: unknown; readonly places: Places };

/** The text of a YAML 1.2 file, which JSON is one of, to a plain value; an object has its keys as texts. */
export function parseText(text: string): Result<ParsedText> {
  const toPosition = positionsIn(text);
  const tokens = [...new Parser().parse(text)];
  const deep = deepToken(tokens);
  if (deep !== undefined) {
    const message = 'more levels of lists and objects within each other than any file has';
    return failure([syntaxProblem(message, 'close what is open', toPosition(deep, 1))]);
  }
  const [document, another] = new Composer(options).compose(tokens, true, text.length);
  if (document === undefined) return failure([]);
  const [wrong] = [...document.errors, ...document.warnings];
  if (wrong !== undefined) return failure([syntaxDiagnostic(wrong, toPosition)]);
  if (another !== undefined) return failure([severalDocuments(toPosition(another.range[0], 3))]);
  return withTree(document, text);
}

/** Repeated keys are looked for later, by something that is not quadratic. */
const options = { schema: 'core', prettyErrors: false, uniqueKeys: false } as const;

function withTree(document: Document.Parsed, text: string): Result<ParsedText> {
  const { value, places, problems } = readTree(document.contents, positionsIn(text));
  return problems.length > 0 ? failure(problems) : success({ value, places });
}
