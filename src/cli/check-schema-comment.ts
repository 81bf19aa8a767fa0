import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configVersions } from '../core/config/config-input.gen.ts';
import { schemaComment, versionOfId } from '../core/config/schema-comment.ts';
import { shortened } from '../core/config/show-value.ts';
import { visible } from '../core/control-characters.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import { pastedWord } from '../core/shell-word.ts';
import type { World } from '../host/world.ts';
import type { Source } from './config-options.ts';
import { schemaText } from './schema-text.ts';

type Finding = { readonly message: string; readonly help: string };

/**
 * Whether the schema that the file names for an editor is the one that vllmd goes by. It is a warning in every mode: an
 * editor with another schema marks what is right, but the config means the same.
 */
export function checkSchemaComment(
  { text, absolutePath }: Source,
  version: number,
  world: World,
): readonly Diagnostic[] {
  const comment = schemaComment(text);
  if (comment === undefined) return [];
  const { uri, position } = comment;
  const finding = findingOf(uri, { directory: dirname(absolutePath), version }, world);
  if (finding === undefined) return [];
  const message = `the schema ${shortened(visible(uri))} ${finding.message}`;
  const help = visible(finding.help);
  return [{ severity: 'warning', rule: 'schema-comment', pointer: '', message, help, position }];
}

type Context = { readonly directory: string; readonly version: number };

function findingOf(uri: string, context: Context, world: World): Finding | undefined {
  const named = versionOfId(uri);
  if (named !== undefined) return otherVersion(named, context.version, 'SCHEMA.json');
  const path = pathOf(uri, context.directory);
  if (path === undefined) return undefined;
  const found = world.readConfigFile(path, { isOnlyRegular: true });
  // It may lie on the machine of whoever edits the file.
  if (found.kind !== 'bytes') return undefined;
  return compare(new TextDecoder().decode(found.bytes), context.version, path);
}

function compare(text: string, version: number, path: string): Finding | undefined {
  const schema = parsed(text);
  const found = versionOfId(schema?.['$id']);
  if (schema === undefined || found === undefined) {
    // Whose file it is nobody knows: what is pasted from here must not write over it.
    const help = `name the file that \`${writing(version, 'SCHEMA.json')}\` makes`;
    return { message: 'is no schema of a vllmd config', help };
  }
  const isKnown = configVersions.some((known) => known === found);
  if (found !== version || !isKnown) return otherVersion(found, version, path);
  const isCurrent = JSON.stringify(schema) === JSON.stringify(parsed(schemaText(version)));
  const help = writing(version, path);
  return isCurrent ? undefined : { message: 'is not the one of this vllmd', help };
}

function otherVersion(found: number, version: number, path: string): Finding | undefined {
  if (found === version) return undefined;
  return {
    message: `is of version ${found}, and this file is of version ${version}`,
    help: writing(version, path),
  };
}

function writing(version: number, path: string): string {
  return `vllmd schema --schema-version ${version} > ${pastedWord(path)}`;
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** Undefined for what is not on this machine: nothing is fetched. */
function pathOf(uri: string, directory: string): string | undefined {
  if (!/^[a-z][a-z0-9+.-]*:/i.test(uri)) return resolve(directory, uri);
  try {
    return uri.startsWith('file:') ? fileURLToPath(uri) : undefined;
  } catch {
    return undefined;
  }
}
