import type { Diagnostic } from '../core/diagnostic.ts';
import { framesInAscii } from '../core/report/ascii-drawing.ts';
import type { DiagnosticJson } from '../core/report/diagnostics-json.ts';
import { FORMAT_VERSION } from '../core/report/format-version.ts';
import { wrapProse } from '../core/report/wrap.ts';
import type { World } from '../host/world.ts';
import { isAsciiOnly } from './is-ascii-only.ts';
import { styleFor } from './style-for.ts';
import { writeJson } from './write-json.ts';

type Named = {
  readonly file: string;
  readonly text: string;
  /** How the host is called, where it is not this one. */
  readonly host?: string;
  readonly isInOrder?: true;
  /** Of what is no TOML. */
  readonly language?: Language;
};

/** How the text of a file is read for what is said of it. */
export type Language = {
  /** Gives each its place in the text. */
  readonly locate: (text: string, diagnostics: readonly Diagnostic[]) => readonly Diagnostic[];
  /** The same text with its secrets hidden, all else at its place. */
  readonly mask: (text: string) => string;
};

/** Of what is about no config. */
export const noSource: Named = { file: '', text: '' };

/** Text for people on stderr, the same as JSON on stdout. Positions need a second parser, which is loaded only here. */
export async function showDiagnostics(
  diagnostics: readonly Diagnostic[],
  source: Named,
  json: boolean,
  world: World,
): Promise<void> {
  if (json) {
    const rows = await diagnosticRows(diagnostics, source);
    const ok = !diagnostics.some((diagnostic) => diagnostic.severity === 'error');
    const answer = { format_version: FORMAT_VERSION, ok, diagnostics: rows };
    writeJson(answer, world);
    return;
  }
  const { locate, mask } = source.language ?? (await toml());
  const { diagnosticsHuman } = await import('../core/report/diagnostics-human.ts');
  const located = locate(source.text, diagnostics);
  const shown = { ...source, text: mask(source.text) };
  const frames = diagnosticsHuman(located, shown, styleFor(world.stderr));
  const drawn = isAsciiOnly(world.env) ? framesInAscii(frames) : frames;
  world.stderr.write(wrapProse(drawn, world.stderr.columns));
}

/** What is said of one file. */
export type FileDiagnostics = {
  readonly source: Named;
  readonly diagnostics: readonly Diagnostic[];
};

/** The same of several files: text for people of one after the other, one JSON answer. */
export async function showFiles(
  files: readonly FileDiagnostics[],
  json: boolean,
  world: World,
): Promise<void> {
  const [first = { source: noSource, diagnostics: [] }, ...others] = files.filter(
    ({ diagnostics }) => diagnostics.length > 0,
  );
  if (others.length === 0) {
    await showDiagnostics(first.diagnostics, first.source, json, world);
    return;
  }
  if (!json) {
    for (const { source, diagnostics } of [first, ...others]) {
      await showDiagnostics(diagnostics, source, false, world);
    }
    return;
  }
  const rows = [];
  for (const { source, diagnostics } of [first, ...others]) {
    rows.push(...(await diagnosticRows(diagnostics, source)));
  }
  const ok = !rows.some(({ severity }) => severity === 'error');
  writeJson({ format_version: FORMAT_VERSION, ok, diagnostics: rows }, world);
}

export async function diagnosticRows(
  diagnostics: readonly Diagnostic[],
  source: Named,
): Promise<readonly DiagnosticJson[]> {
  if (diagnostics.length === 0) return [];
  const { locate } = source.language ?? (await toml());
  const { diagnosticsJson } = await import('../core/report/diagnostics-json.ts');
  return diagnosticsJson(locate(source.text, diagnostics), source);
}

async function toml(): Promise<Language> {
  const { locate } = await import('../core/config/locate.ts');
  const { maskSensitive } = await import('../core/config/mask-sensitive.ts');
  return { locate, mask: maskSensitive };
}
