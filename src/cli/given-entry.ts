import { VllmdError } from '../core/failure.ts';
import { mergedPatches } from '../core/fleet/change/merge.ts';
import { jsonValueOf } from '../core/fleet/json/json-value-of.ts';
import { parseJson } from '../core/fleet/json/parse-json.ts';
import { isJsonObject, type JsonObject } from '../core/fleet/json-value.ts';
import type { Section } from '../core/fleet/shape.ts';
import type { World } from '../host/world.ts';
import { readPlace } from './find-config.ts';
import {
  type BackendFlags,
  backendOfFlags,
  type HostFlags,
  hostOfFlags,
  type ModelFlags,
  modelOfFlags,
} from './fleet-flags.ts';

export type GivenOptions = HostFlags &
  BackendFlags &
  ModelFlags & {
    readonly jsonFrom?: string | undefined;
    readonly askPassword?: boolean | undefined;
  };

const makers = { hosts: hostOfFlags, backends: backendOfFlags, models: modelOfFlags } as const;

/** The keys of an entry that were given, null for those that are to go: JSON first, options over it, and a password that was asked for. */
export async function givenEntry(
  section: Section,
  options: GivenOptions,
  world: World,
): Promise<JsonObject> {
  const { jsonFrom, askPassword } = options;
  mustBeNumbers(options);
  const fromJson = jsonFrom === undefined ? {} : readJson(jsonFrom, world);
  const given = mergedPatches(fromJson, makers[section](options));
  if (askPassword !== true) return given;
  return mergedPatches(given, { connection: { password: await askForPassword(world) } });
}

/** The parser makes one of whatever is typed. */
function mustBeNumbers(options: GivenOptions): void {
  const odd = Object.entries(options).find(
    ([, value]) => typeof value === 'number' && !Number.isFinite(value),
  );
  if (odd === undefined) return;
  const name = odd[0].replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new VllmdError('usage', `--${name}: expected number`, 'write it in digits');
}

/** No line of it is shown: it may hold a secret. */
function readJson(file: string, world: World): JsonObject {
  const found = readPlace(file, world);
  if (found === undefined) {
    throw new VllmdError('usage', `--json-from ${file}: there is no such file`, 'see its name');
  }
  const help = 'write one object with the keys of the entry';
  const parsed = parseJson(new TextDecoder().decode(found.bytes));
  if (!parsed.ok) {
    const [problem] = parsed.diagnostics;
    const { line = 1, column = 1 } = problem?.position ?? {};
    const place = `line ${line}, column ${column}`;
    throw new VllmdError('usage', `--json-from ${file}: no valid JSON at ${place}`, help);
  }
  const value = jsonValueOf(parsed.value.root);
  if (isJsonObject(value)) return value;
  throw new VllmdError('usage', `--json-from ${file}: expected object`, help);
}

async function askForPassword(world: World): Promise<string> {
  const terminal = world.terminal();
  if (terminal === undefined) {
    const help = 'give it in JSON on standard input: --json-from -';
    throw new VllmdError('usage', '--ask-password asks, and there is no terminal here', help);
  }
  const { openPrompts } = await import('./init/prompts.ts');
  const prompts = await openPrompts(terminal);
  return prompts.secret('Password of the ssh connection; it is not shown');
}
