import { ETC_DIR, isVendorData, UNIT_DIR } from '../resolve/layout.ts';
import { type StartInputs, startDigestOf } from './digest.ts';
import type { HostText } from './observed.ts';

const HEADER = 'vllmd-booted 1\n';

/**
 * The texts that a runtime said it started from; undefined for anything that is not exactly that.
 * The file belongs to the service user: what it says decides about this one runtime's restart, and is shown of it, and nothing else.
 */
export function parseBooted(text: string): readonly HostText[] | undefined {
  if (!text.startsWith(HEADER)) return undefined;
  const bytes = new TextEncoder().encode(text);
  const texts: HostText[] = [];
  let at = HEADER.length;
  while (at < bytes.length) {
    const next = parseInput(bytes, at);
    if (next === undefined) return undefined;
    texts.push({ path: next.path, text: next.text });
    at = next.end;
  }
  return texts;
}

const NEWLINE = 10;

function parseInput(bytes: Uint8Array, at: number): (HostText & { end: number }) | undefined {
  const lineEnd = bytes.indexOf(NEWLINE, at);
  if (lineEnd < 0) return undefined;
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const [, count, path] =
    /^== (\d{1,9}) (\/.+)$/.exec(decoder.decode(bytes.subarray(at, lineEnd))) ?? [];
  if (count === undefined || path === undefined) return undefined;
  const end = lineEnd + 1 + Number(count);
  if (bytes[end] !== NEWLINE) return undefined;
  return { path, text: decoder.decode(bytes.subarray(lineEnd + 1, end)), end: end + 1 };
}

/** undefined when something is missing that every runtime starts from. */
export function bootedDigest(index: number, texts: readonly HostText[]): string | undefined {
  const inputs = bootedInputs(index, texts);
  return inputs === undefined ? undefined : startDigestOf(inputs);
}

/** undefined as above. */
export function bootedInputs(index: number, texts: readonly HostText[]): StartInputs | undefined {
  const textOf = (test: (path: string) => boolean) => texts.find(({ path }) => test(path))?.text;
  const template = textOf((path) => path === `${UNIT_DIR}/vllmd-runtime@.service`);
  const env = textOf((path) => path === `${ETC_DIR}/runtime-${index}.env`);
  const vm = textOf((path) => path.endsWith(`/runtime-${index}.vm.json`));
  if (template === undefined || env === undefined || vm === undefined) return undefined;
  return {
    ...{ template, env, vm },
    dropIns: texts.filter(({ path }) => path.endsWith('.conf')),
    // Its text can be a secret: the note has the digest of it.
    vendorData: textOf(isVendorData) ?? '',
  };
}
