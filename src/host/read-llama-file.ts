import { posix } from 'node:path';
import type { Mode } from '../core/config/mode.ts';
import { type Diagnostic, errorAt, keyPath } from '../core/diagnostic.ts';
import { type LoadedLlama, loadLlama } from '../core/llama/load.ts';
import { resolveLlama } from '../core/llama/resolve.ts';
import { guestChecks } from '../core/preflight/llama/guest.ts';
import type { Account } from '../core/resolve/desired.ts';
import { path as absolutePath } from '../core/resolve/resolving.ts';
import { STDIN_PATH } from './config-file.ts';
import type { HostReader } from './host.ts';
import { type LlamaFiles, noLlamaFiles } from './llama-files.ts';
import { readNamedFile } from './read-named-file.ts';

export type Places = {
  /** Whom the config is for. */
  readonly host: HostReader;
  /** Where the config itself was read. */
  readonly beside: HostReader;
  readonly mode: Mode;
  readonly source: { readonly file: string; readonly absolutePath: string; readonly text: string };
};

export type Named = {
  readonly at: string;
  /** It runs in a guest; else it is installed on the host itself, where its units are looked at. */
  readonly inGuest: boolean;
};

/** One of the files that a config names. */
export async function readLlamaFile(
  path: string,
  { at, inGuest, account }: Named & { readonly account: Account },
  places: Places,
): Promise<LlamaFiles> {
  const isBeside = !/^[/$~]/.test(path);
  const found = isBeside
    ? await readBeside(path, places)
    : await readAt(absolutePath(path, account), places.host);
  if (found.why === undefined) return saidOf(path, found, places.mode, inGuest);
  const problem = unusable(path, at, found.why);
  if (!isBeside) return { ...noLlamaFiles, problems: [problem] };
  return { ...noLlamaFiles, refused: [{ source: places.source, diagnostics: [problem] }] };
}

async function saidOf(
  path: string,
  found: FoundText,
  mode: Mode,
  inGuest: boolean,
): Promise<LlamaFiles> {
  const { text, result } = await checked(found, mode);
  const said = (diagnostics: readonly Diagnostic[]) => [
    { source: { file: found.file, text }, diagnostics },
  ];
  if (!result.ok) return { ...noLlamaFiles, refused: said(result.diagnostics) };
  const instances = resolveLlama(result.value);
  const diagnostics = [...result.warnings, ...(inGuest ? guestChecks(instances) : [])];
  const isRefused = diagnostics.some(({ severity }) => severity === 'error');
  if (isRefused) return { ...noLlamaFiles, refused: said(diagnostics) };
  return {
    ...noLlamaFiles,
    instances: new Map([[path, instances]]),
    warned: diagnostics.length === 0 ? [] : said(diagnostics),
  };
}

type Why = Pick<Diagnostic, 'severity' | 'message' | 'help'>;
type FoundText = {
  readonly text: string;
  /** As it is shown. */
  readonly file: string;
  /** Another file beside it. */
  readonly read: (path: string) => ReturnType<typeof readNamedFile>;
  readonly why?: undefined;
};
type Found = FoundText | { readonly why: Why };

async function readAt(path: string, host: HostReader, file = path): Promise<Found> {
  const found = await readNamedFile(host, path);
  if (found.why !== undefined) return found;
  const read = (other: string) => readNamedFile(host, posix.resolve(posix.dirname(path), other));
  return { text: found.text, file, read };
}

async function readBeside(path: string, { beside, source }: Places): Promise<Found> {
  if (source.absolutePath === STDIN_PATH) {
    const message = 'is relative to the config, and that is standard input';
    return { why: { severity: 'error', message, help: 'name the file by its absolute path' } };
  }
  const absolute = posix.resolve(posix.dirname(source.absolutePath), path);
  return readAt(absolute, beside, posix.join(posix.dirname(source.file), path));
}

function unusable(path: string, at: string, { message, ...rest }: Why): Diagnostic {
  return { ...errorAt('llama-config', at, `${keyPath(at)}: ${path} ${message}`), ...rest };
}

/** An option table that the file names is read first, and the second parser loaded only for a file that needs it. */
async function checked({ text, read }: FoundText, mode: Mode): Promise<LoadedLlama> {
  const bytes = new TextEncoder().encode(text);
  const tables = new Map<string, string | { readonly why: string }>();
  const asked: string[] = [];
  const readTable = (path: string) => {
    const known = tables.get(path);
    if (known === undefined) asked.push(path);
    return known ?? { why: 'is not read yet' };
  };
  let loaded = loadLlama(bytes, { mode, readTable });
  for (const path of asked.splice(0)) {
    const found = await read(path);
    tables.set(path, found.why === undefined ? found.text : { why: found.why.message });
    loaded = loadLlama(bytes, { mode, readTable });
  }
  if (!loaded.needsPlaces) return loaded;
  const { placesOf } = await import('../core/config/locate.ts');
  return loadLlama(bytes, { mode, readTable, placesOf });
}
