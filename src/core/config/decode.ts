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
  return bytes.length > MAX_BYTES ? '' : new TextDecoder().decode(bytes);
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
