import { decodeConfig, readableText } from '../../core/config/decode.ts';
import { maskSensitive } from '../../core/config/mask-sensitive.ts';
import { type Migration, migrate as migrateText } from '../../core/config/migrate.ts';
import type { Diagnostic } from '../../core/diagnostic.ts';
import { exitCodes, VllmdError } from '../../core/failure.ts';
import type { Entry } from '../../core/plan/observed.ts';
import { FORMAT_VERSION } from '../../core/report/format-version.ts';
import { textDiff } from '../../core/report/text-diff.ts';
import type { FileMetadata, Host } from '../../host/host.ts';
import type { World } from '../../host/world.ts';
import { cannotWrite } from '../cannot-write.ts';
import { type FoundConfig, findConfig, mustBeFile } from '../find-config.ts';
import { showDiagnostics } from '../show-diagnostics.ts';

export type MigrateOptions = {
  readonly config?: string | undefined;
  readonly dryRun: boolean;
  readonly json: boolean;
};

const BYTE_ORDER_MARK = '\u{feff}';

/** Rewrites a config to the newest version, or leaves it as it is. */
export async function migrate(options: MigrateOptions, world: World): Promise<number> {
  const found = await findConfig(options.config, world);
  mustBeFile(found, 'there is nothing to rewrite');
  const decoded = decodeConfig(found.bytes);
  if (!decoded.ok) return refuse(decoded.diagnostics, readableText(found.bytes));
  const text = decoded.value;
  const result = migrateText(text);
  if (!result.ok) return refuse(result.diagnostics, text);
  const isChanged = result.value.text !== text;
  const change = { found, text, migration: result.value, isWritten: isChanged && !options.dryRun };
  if (isChanged) await rewrite(change, world);
  report(change, options.json, world);
  return exitCodes.ok;

  async function refuse(diagnostics: readonly Diagnostic[], shown: string): Promise<number> {
    const source = { file: found.file, text: maskSensitive(shown) };
    await showDiagnostics(diagnostics, source, options.json, world);
    return exitCodes.config;
  }
}

type Change = {
  readonly found: FoundConfig;
  readonly text: string;
  readonly migration: Migration;
  readonly isWritten: boolean;
};

/** Refuses what it could not write also where it does not write, so that a dry run tells the truth. */
async function rewrite(change: Change, world: World): Promise<void> {
  const { found, text, migration, isWritten } = change;
  const { file, absolutePath, bytes } = found;
  const host = world.uid === 0 ? world.host('') : world.treeHost('');
  const mark = hasByteOrderMark(bytes) ? BYTE_ORDER_MARK : '';
  const metadata = replaceable(await host.read(absolutePath), mark + text, file, world);
  if (isWritten) await write(host, found, mark + migration.text, metadata);
}

/** The metadata that the new file gets: that of the old one. */
function replaceable(entry: Entry, expected: string, file: string, world: World): FileMetadata {
  if (entry.type === 'link') {
    throw new VllmdError(
      'conflict',
      `${file} is a symbolic link to ${entry.target}; a new file would take its place`,
      'name the file that it leads to',
    );
  }
  if (entry.type === 'unsafe') {
    throw new VllmdError(
      'conflict',
      `cannot rewrite ${file}: the way to it leads through ${entry.link}, a link that others can change`,
      'name the file by its real path',
    );
  }
  if (entry.type !== 'file') {
    const what = entry.type === 'other' ? `it is a ${entry.what}` : 'it is no file any more';
    throw new VllmdError('conflict', `cannot rewrite ${file}: ${what}`, 'name a plain file');
  }
  if (entry.text !== expected) {
    throw new VllmdError('conflict', `${file} was changed meanwhile`, 'run it again');
  }
  if (world.uid !== 0 && entry.uid !== world.uid) {
    throw new VllmdError(
      'needsRoot',
      `cannot rewrite ${file}: it belongs to another account`,
      'run it as that account, or with sudo',
    );
  }
  const { mode, uid, gid } = entry;
  return { mode, uid, gid };
}

async function write(
  host: Host,
  { file, absolutePath }: FoundConfig,
  text: string,
  metadata: FileMetadata,
): Promise<void> {
  try {
    await host.write(absolutePath, text, metadata);
  } catch (error) {
    const forbidden = 'the directory has to be writable as well: the file is replaced as a whole';
    throw cannotWrite(error, { name: file, forbidden, otherwise: 'the file is as it was' });
  }
}

function report({ found, text, migration, isWritten }: Change, json: boolean, world: World): void {
  const { from, to } = migration;
  const isChanged = migration.text !== text;
  const diff = isChanged ? differences(found.file, text, migration.text) : [];
  if (json) {
    const answer = {
      format_version: FORMAT_VERSION,
      ok: true,
      file: found.file,
      from,
      to,
      changed: isChanged,
      written: isWritten,
      diff,
    };
    world.stdout.write(`${JSON.stringify(answer, undefined, 2)}\n`);
    return;
  }
  const summary = isWritten
    ? `is schema version ${to} now, was ${from}`
    : `would be schema version ${to}, is ${from}`;
  const lines = isChanged
    ? [...diff, '', `${found.file}: ${summary}`]
    : [`${found.file}: is schema version ${to} already, nothing to do`];
  world.stdout.write(`${lines.join('\n')}\n`);
}

/** Line ends are the same on both sides, and their bytes would be shown. */
function differences(path: string, before: string, after: string): readonly string[] {
  const shown = (text: string) => maskSensitive(text).replaceAll('\r\n', '\n');
  return textDiff({ path, before: shown(before), after: shown(after), sensitive: false });
}

function hasByteOrderMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}
