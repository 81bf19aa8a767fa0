import type { Position } from '../diagnostic.ts';

/** Where a file tells an editor to find its schema: a path or a URL, as it is written. */
export type SchemaComment = { readonly uri: string; readonly position: Position };

/** `#:schema PATH` of Taplo, which has to stand before all else, and `# $schema: URL`. */
const DIRECTIVE = /^(#:schema\s+|#\s*\$schema\s*[:=]\s*)(\S+)\s*$/;

/** Of the comments that the file begins with, the first that names a schema. */
export function schemaComment(text: string): SchemaComment | undefined {
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() !== '' && !line.startsWith('#')) return undefined;
    const [, mark = '', uri] = DIRECTIVE.exec(line) ?? [];
    if (uri === undefined) continue;
    return { uri, position: { line: index + 1, column: mark.length + 1, length: uri.length } };
  }
  return undefined;
}

/** The version of the format in a `$id` of ours; undefined where it is the schema of something else. */
export function versionOfId(id: unknown): number | undefined {
  const version = /^urn:vllmd:hypervisor-config:(\d{1,6})$/.exec(String(id))?.[1];
  return version === undefined ? undefined : Number(version);
}
