import type { Diagnostic } from '../diagnostic.ts';
import { failure, type Result, success } from '../result.ts';

const MAX_BYTES = 8 * 1024 * 1024;

/** The text of a config file: UTF-8 without a byte order mark, at most 8 MiB. */
export function decodeConfig(bytes: Uint8Array): Result<string> {
  if (bytes.length > MAX_BYTES) {
    return failure([
      {
        severity: 'error',
        rule: 'config-too-large',
        pointer: '',
        message: `the file has more than ${MAX_BYTES} bytes, the most that a config file has`,
        help: 'check that this is the config file',
      },
    ]);
  }
  const wide = utf16(bytes);
  if (wide !== undefined) return failure([isUtf16(wide)]);
  const nul = bytes.indexOf(0);
  if (nul >= 0) return failure([notText(bytes, nul, 'a NUL byte')]);
  try {
    return success(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return failure([notText(bytes, firstInvalid(bytes), 'not UTF-8')]);
  }
}

/** What can be shown of a file that `decodeConfig` refused. */
export function readableText(bytes: Uint8Array): string {
  if (bytes.length > MAX_BYTES) return '';
  return new TextDecoder(utf16(bytes)?.encoding ?? 'utf-8').decode(bytes);
}

type Utf16 = { readonly encoding: 'utf-16le' | 'utf-16be'; readonly hasMark: boolean };

/** By its byte order mark, or by the NUL bytes that it makes of two ASCII characters. */
function utf16([a, b, c, d]: Uint8Array): Utf16 | undefined {
  if (a === 0xff && b === 0xfe) return { encoding: 'utf-16le', hasMark: true };
  if (a === 0xfe && b === 0xff) return { encoding: 'utf-16be', hasMark: true };
  if (a && b === 0 && c && d === 0) return { encoding: 'utf-16le', hasMark: false };
  if (a === 0 && b && c === 0 && d) return { encoding: 'utf-16be', hasMark: false };
  return undefined;
}

function isUtf16({ encoding, hasMark }: Utf16): Diagnostic {
  return {
    severity: 'error',
    rule: 'config-not-text',
    pointer: '',
    message: `the file is ${encoding.toUpperCase()}: a config file is UTF-8 text`,
    help: `save it as UTF-8, or: iconv -f ${hasMark ? 'utf-16' : encoding} -t utf-8 OLD > NEW`,
    position: { line: 1, column: 1, length: 1 },
  };
}

/** The offset of the first byte that lossy decoding does not keep; a replacement character may be written out, too. */
function firstInvalid(bytes: Uint8Array): number {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  let offset = 0;
  let start = 0;
  for (const { index } of text.matchAll(/\ufffd/g)) {
    offset += new TextEncoder().encode(text.slice(start, index)).length;
    start = index;
    if (!REPLACEMENT.every((byte, at) => bytes[offset + at] === byte)) break;
  }
  return offset;
}

/** U+FFFD in UTF-8. */
const REPLACEMENT = [0xef, 0xbf, 0xbd];

function notText(bytes: Uint8Array, offset: number, what: string): Diagnostic {
  const before = new TextDecoder().decode(bytes.subarray(0, offset)).split('\n');
  return {
    severity: 'error',
    rule: 'config-not-text',
    pointer: '',
    message: `${what} at byte ${offset}: a config file is UTF-8 text`,
    help: 'save the file as UTF-8, and check that this is the config file',
    position: { line: before.length, column: before.slice(-1).join('').length + 1, length: 1 },
  };
}
