import { resolve } from 'node:path';
import { keyPath } from '../core/diagnostic.ts';
import { exitCodes, VllmdError } from '../core/failure.ts';
import { checkChange, type OpenedFleet, openFleet } from '../core/fleet/change/change-file.ts';
import { locateJson } from '../core/fleet/json/locate-json.ts';
import { maskJson } from '../core/fleet/json/mask-json.ts';
import type { JsonObject } from '../core/fleet/json-value.ts';
import { entryNames, type Section } from '../core/fleet/shape.ts';
import { FORMAT_VERSION } from '../core/report/format-version.ts';
import type { World } from '../host/world.ts';
import { modeOf } from './config-options.ts';
import { mustBeFile, readPlace } from './find-config.ts';
import { type FleetOptions, fleetPlace } from './fleet-file.ts';
import { saveFleet } from './save-fleet.ts';
import { diagnosticRows, showDiagnostics } from './show-diagnostics.ts';
import { writeJson } from './write-json.ts';

/** What was done to one entry, without a value of it. */
export type EntryChange = {
  readonly section: Section;
  readonly id: string;
  readonly verb: 'added' | 'changed' | 'removed' | 'unchanged';
  /** Which keys are others: `connection.port`. */
  readonly keys: readonly string[];
};

export type FleetChange = {
  readonly document: JsonObject;
  readonly changes: readonly EntryChange[];
  /** What was told besides: for programs it is in the answer as well. */
  readonly warnings?: readonly string[];
};

/** A file that was read, and is there to be saved again. */
export type FleetTarget = OpenedFleet & {
  readonly file: string;
  readonly absolutePath: string;
};

/** Changes the file as a whole, where it is valid then; else it stays, and what is wrong is shown. */
export async function changeFleet(
  options: FleetOptions,
  world: World,
  change: (document: JsonObject) => FleetChange,
): Promise<number> {
  const target = await openTarget(options, world);
  if (target === undefined) return exitCodes.config;
  return saveChange(target, change(target.document), options, world);
}

/** undefined: it cannot be read as what it is, which was shown. */
export async function openTarget(
  options: FleetOptions,
  world: World,
): Promise<FleetTarget | undefined> {
  const file = await fleetPlace(options.file, world);
  const found = readPlace(file, world, { option: '--file' });
  const absolutePath = found?.absolutePath ?? resolve(world.cwd, file);
  mustBeFile({ file, absolutePath }, 'it is to be saved');
  const opened = openFleet(found?.bytes, { mode: modeOf(options), file });
  if (!opened.ok) {
    const text = new TextDecoder().decode(found?.bytes);
    await showDiagnostics(opened.diagnostics, sourceOf(file, text, world), options.json, world);
    return undefined;
  }
  mustKeepNumbers(file, opened.value);
  return { ...opened.value, file, absolutePath };
}

export async function saveChange(
  target: FleetTarget,
  { document, changes, warnings: told = [] }: FleetChange,
  options: FleetOptions,
  world: World,
): Promise<number> {
  const { file, absolutePath, text: before } = target;
  const isChanged = changes.some(({ verb }) => verb !== 'unchanged');
  const { text: after, loaded } = checkChange(document, { mode: modeOf(options), file });
  const source = sourceOf(file, after, world);
  if (!loaded.result.ok) {
    if (!options.json)
      world.stderr.write(`${file}: nothing was written, as it would not be valid\n`);
    await showDiagnostics(loaded.result.diagnostics, source, options.json, world);
    return exitCodes.config;
  }
  if (isChanged) await saveFleet({ file, absolutePath, before, after }, world);
  const { warnings } = loaded.result;
  if (options.json) {
    const rows = changes.map(({ section, ...rest }) => ({ section, ...rest }));
    const diagnostics = await diagnosticRows(warnings, source);
    const answer = { file, changes: rows, warnings: told, diagnostics };
    writeJson({ format_version: FORMAT_VERSION, ok: true, ...answer }, world);
    return exitCodes.ok;
  }
  for (const one of changes) world.stdout.write(`${file}: ${changeInWords(one)}\n`);
  if (warnings.length > 0) await showDiagnostics(warnings, source, false, world);
  return exitCodes.ok;
}

function changeInWords({ section, id, verb, keys }: EntryChange): string {
  const name = `${entryNames[section]} ${id}`;
  if (verb === 'unchanged') return `${name} is so already`;
  return keys.length === 0 ? `${name} ${verb}` : `${name} ${verb}: ${keys.join(', ')}`;
}

function mustKeepNumbers(file: string, { inexact: [first] }: OpenedFleet): void {
  if (first === undefined) return;
  const message = `${file}: ${keyPath(first)} is a number with more digits than can be kept, and nothing was written`;
  throw new VllmdError('config', message, 'write it as a text, in quotes');
}

function sourceOf(file: string, text: string, { env }: World) {
  const mask = (all: string) => maskJson(all, env['HOME']);
  const language = { locate: locateJson, mask };
  return { file, text, language, isInOrder: true } as const;
}
