import { isSensitive } from '../config/schema-keys.ts';
import { keyPath } from '../diagnostic.ts';
import type { ExplainedFile, ExplainedKey, Explanation } from '../explain/explanation.ts';
import type { TextArtefact } from '../explain/scope.ts';
import { pointerOf, type Source } from '../explain/tidy.ts';
import type { Origin, Reach } from '../explain/variable.ts';
import { range } from './diagnostics-json.ts';
import type { ConfigPlaces } from './explain-origins.ts';
import { FORMAT_VERSION } from './format-version.ts';
import { type RecordedSubject, recordedJson } from './recorded-json.ts';

/** The same as `explainHuman` for programs; with a line asked for, `lines` has that one alone. */
export function explainJson(
  explanation: Explanation,
  places: ConfigPlaces,
  recorded: RecordedSubject | undefined,
): object {
  const head = {
    format_version: FORMAT_VERSION,
    ok: true,
    kind: explanation.kind === 'keys' ? 'keys' : 'files',
    recorded: recordedJson(recorded),
  };
  switch (explanation.kind) {
    case 'line':
      return { ...head, files: [fileJson(explanation.file, places, explanation.line)] };
    case 'files':
      return { ...head, files: explanation.files.map((file) => fileJson(file, places)) };
    case 'keys':
      return { ...head, keys: explanation.keys.map((key) => keyJson(key, places)) };
  }
  return explanation satisfies never;
}

function fileJson(file: ExplainedFile, places: ConfigPlaces, line?: number): object {
  const { artefact, lines, missing, exists, named, installed } = file;
  const shown = line === undefined ? lines : lines.filter(({ number }) => number === line);
  return {
    path: artefact.path,
    type: artefact.type,
    template: (artefact.type === 'file' ? artefact.template : undefined) ?? null,
    sensitive: isHidden(artefact),
    installed,
    exists_because: exists.map((origin) => originJson(origin, places)),
    path_from: named.map((origin) => originJson(origin, places)),
    lines: shown.map(({ number, text, sources }) => ({
      line: number,
      text: isHidden(artefact) ? null : text,
      sources: sourcesJson(sources, places),
    })),
    missing: (line === undefined ? missing : []).map(({ after, sources }) => ({
      after_line: after,
      sources: sourcesJson(sources, places),
    })),
  };
}

function sourcesJson(sources: readonly Source[], places: ConfigPlaces): readonly object[] {
  return sources.map(({ origin, reach }) => ({
    ...originJson(origin, places),
    reach: reachNames[reach],
  }));
}

const reachNames: Readonly<Record<Reach, string>> = { near: 'value', far: 'threshold' };

function keyJson({ origin, value, files, come }: ExplainedKey, places: ConfigPlaces): object {
  const pointer = pointerOf(origin) ?? '';
  const isScalar = value !== undefined && (typeof value !== 'object' || Array.isArray(value));
  return {
    ...originJson(origin, places),
    value: isSensitive(pointer) || !isScalar ? null : value,
    other_files: come,
    files: files.map(({ artefact, exists, named, lines, missing }) => ({
      path: artefact.path,
      exists_because: exists,
      path_from: named,
      missing_after_lines: missing,
      lines: lines.map(({ number, text, reach }) => ({
        line: number,
        text: isHidden(artefact) ? null : text,
        reach: reachNames[reach],
      })),
    })),
  };
}

function originJson(origin: Origin, places: ConfigPlaces): object {
  switch (origin.kind) {
    case 'config':
      return { ...keyOf(origin.kind, origin.pointer), ...placeJson(origin.pointer, places) };
    case 'default':
      return { ...keyOf(origin.kind, origin.pointer), default: origin.value };
    case 'unset':
      return keyOf(origin.kind, origin.pointer);
    case 'every':
      return { kind: origin.kind, path: `runtimes[*].${origin.key}`, pointers: origin.written };
    case 'host':
      return { kind: origin.kind, fact: origin.what, where: origin.where };
  }
  return origin satisfies never;
}

function keyOf(kind: string, pointer: string) {
  return { kind, path: keyPath(pointer), pointer };
}

function placeJson(pointer: string, { file, positions }: ConfigPlaces): object {
  return { file, ...range(positions.get(pointer)) };
}

function isHidden(artefact: TextArtefact): boolean {
  return artefact.type === 'file' && artefact.sensitive;
}
