import { decodeConfig } from '../../config/decode.ts';
import { failure, success } from '../../result.ts';
import { documentTexts } from '../text/document-texts.ts';
import { locateText } from '../text/locate-text.ts';
import { parseText } from '../text/parse-text.ts';
import { fileTypeOf } from './file-type.ts';
import type { FileType } from './file-types.ts';
import { checkFile, type LoadedFile } from './load-file.ts';

/** What a host is told of by: a document for each of its parts. All else has a file of its own, which is read alone. */
const PARTS: readonly FileType[] = ['host', 'service', 'asset'];

/** Any file of the registry, or a stream of what describes a host: the type of each document. */
export function checkStream(bytes: Uint8Array, told?: FileType): LoadedFile<readonly FileType[]> {
  const decoded = decodeConfig(bytes);
  const texts = decoded.ok ? documentTexts(decoded.value) : [];
  if (!decoded.ok || texts.length < 2 || !texts.every((text) => isPart(text, told))) {
    const { text, result } = checkFile(bytes, told);
    return { text, result: result.ok ? success([result.value], result.warnings) : result };
  }
  const checked = texts.map((text) => {
    const { result } = checkFile(new TextEncoder().encode(text), told);
    // Below one pointer each document has something else, and so each is looked for in its own text.
    const placed = (all: Parameters<typeof locateText>[1]) => locateText(text, all);
    return result.ok
      ? { types: [result.value], warnings: placed(result.warnings), problems: [] }
      : { types: [], warnings: [], problems: placed(result.diagnostics) };
  });
  const problems = checked.flatMap((one) => one.problems);
  const warnings = checked.flatMap((one) => one.warnings);
  const types = checked.flatMap((one) => one.types);
  return {
    text: decoded.value,
    result: problems.length > 0 ? failure([...problems, ...warnings]) : success(types, warnings),
  };
}

/** Of what is no YAML its mistake is told. */
function isPart(text: string, told: FileType | undefined): boolean {
  const parsed = parseText(text);
  if (!parsed.ok) return true;
  const type = told ?? fileTypeOf(parsed.value.value);
  return type !== undefined && PARTS.includes(type);
}
