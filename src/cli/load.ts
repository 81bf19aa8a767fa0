import type { ConfigInput } from '../core/config/config-input.gen.ts';
import { loadConfig } from '../core/config/load.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import { sha256 } from '../core/plan/digest.ts';
import type { World } from '../host/world.ts';
import { findConfig } from './find-config.ts';
import { showDiagnostics } from './show-diagnostics.ts';

/** A config file as it was read: for excerpts, and for the record of an install. */
export type Source = {
  readonly file: string;
  readonly absolutePath: string;
  readonly text: string;
  readonly sha256: string;
};

type Loaded =
  | { readonly ok: true; readonly source: Source; readonly input: ConfigInput }
  | { readonly ok: false; readonly source: Source; readonly diagnostics: readonly Diagnostic[] };

async function load(named: string | undefined, world: World): Promise<Loaded> {
  const { file, absolutePath, bytes } = await findConfig(named, world);
  const { text, result } = loadConfig(bytes);
  const source = { file, absolutePath, text, sha256: sha256(text) };
  if (result.ok) return { ok: true, source, input: result.value };
  return { ok: false, source, diagnostics: result.diagnostics };
}

/** As `load`, with the problems shown; undefined when there are any. */
export async function loadOrShow(
  named: string | undefined,
  json: boolean,
  world: World,
): Promise<{ readonly source: Source; readonly input: ConfigInput } | undefined> {
  const loaded = await load(named, world);
  if (loaded.ok) return loaded;
  await showDiagnostics(loaded.diagnostics, loaded.source, json, world);
  return undefined;
}
