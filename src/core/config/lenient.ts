import type { ErrorObject } from 'ajv';
import { type Diagnostic, pointer } from '../diagnostic.ts';
import type { Mode } from './mode.ts';
import { problem } from './problem.ts';
import { respelled } from './respell.ts';
import { quoted } from './show-value.ts';
import { isTable, type TomlTree, type TomlValue } from './toml-tree.ts';
import { looksLikeSlip, unknownKey } from './unknown-key.ts';

type Edit = { readonly kind: 'remove' } | { readonly kind: 'set'; readonly value: string };

type Relaxed = { readonly tree: TomlTree; readonly warnings: readonly Diagnostic[] };

/**
 * A tree with what the schema refuses of it and lenient mode forgives taken away, each with a warning. Types, bounds and
 * conflicts stay as they are: they say that somebody meant something else.
 */
export function leniently(
  tree: TomlTree,
  errors: readonly ErrorObject[],
  { version, mode }: { readonly version: number; readonly mode: Mode },
): Relaxed {
  const edits = new Map<string, Edit>();
  const warnings: Diagnostic[] = [];
  for (const error of errors) {
    const { instancePath: at, keyword, params, data } = error;
    if (keyword === 'additionalProperties') {
      const key = String(params['additionalProperty']);
      const isSlip = looksLikeSlip(at, key, version);
      // A runtime whose [[runtimes]] has lost its s would be stopped and removed.
      if (isSlip && mode === 'cautious') continue;
      edits.set(at + pointer(key), { kind: 'remove' });
      warnings.push(ignored(unknownKey(at, key, version, 'unknown key, ignored'), isSlip));
      continue;
    }
    const value = respelled(error);
    if (value === undefined) continue;
    edits.set(at, { kind: 'set', value });
    warnings.push(otherSpelling(at, String(data), value));
  }
  return { tree: edits.size === 0 ? tree : editedTable(tree, '', edits), warnings };
}

function ignored(unknown: Diagnostic, isSlip: boolean): Diagnostic {
  const help = isSlip ? { help: `${unknown.help}; an install refuses it` } : {};
  return { ...unknown, severity: 'warning', ...help };
}

function otherSpelling(at: string, found: string, value: string): Diagnostic {
  const text = `${quoted(found)} is read as ${quoted(value)}`;
  return { ...problem('spelling', at, text, `write ${quoted(value)}`), severity: 'warning' };
}

function editedTable(
  table: { readonly [key: string]: TomlValue },
  at: string,
  edits: ReadonlyMap<string, Edit>,
): TomlTree {
  return Object.fromEntries(
    Object.entries(table).flatMap(([key, value]) => {
      const place = at + pointer(key);
      if (edits.get(place)?.kind === 'remove') return [];
      return [[key, editedValue(value, place, edits)] as const];
    }),
  );
}

function editedValue(value: TomlValue, at: string, edits: ReadonlyMap<string, Edit>): TomlValue {
  const edit = edits.get(at);
  if (edit?.kind === 'set') return edit.value;
  if (isList(value)) {
    return value.map((item, index) => editedValue(item, at + pointer(index), edits));
  }
  return isTree(value) ? editedTable(value, at, edits) : value;
}

function isList(value: TomlValue): value is readonly TomlValue[] {
  return Array.isArray(value);
}

function isTree(value: TomlValue): value is TomlTree {
  return isTable(value);
}
