import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { Mode } from '../../src/core/config/mode.ts';
import type { Diagnostic } from '../../src/core/diagnostic.ts';
import { loadFleet } from '../../src/core/fleet/load.ts';

/** Some of runtimes.json, as a test writes it: a key that is undefined is left out. */
export type Part = { readonly [key: string]: unknown };

export function hostPart(more: Part = {}): Part {
  return {
    id: 'lab',
    display_name: 'Lab',
    enabled: true,
    transport: 'local',
    connection: {},
    capabilities: { gpu: ['mi300'], backends: ['rocm'] },
    health: { check_cmd: 'true' },
    model_control: { stop_cmd: 'pkill -f llama-server || true' },
    ...more,
  };
}

export function backendPart(more: Part = {}): Part {
  const one = { id: 'rocm', display_name: 'ROCm', enabled: true, type: 'rocm' };
  return { ...one, host_filters: 'any', ...more };
}

export function modelPart(more: Part = {}): Part {
  return {
    id: 'small',
    display_name: 'Small',
    enabled: true,
    source: '/models/small.gguf',
    host_policy: 'any',
    backend_policy: 'any',
    launch: { start_cmd: 'llama-server --model {source}', probe_cmd: 'true' },
    ...more,
  };
}

/** One host, one backend and one model, unless it says otherwise. */
export function runtimesPart(more: Part = {}): Part {
  return {
    schema_version: 1,
    hosts: [hostPart()],
    backends: [backendPart()],
    models: [modelPart()],
    ...more,
  };
}

export function fleetProblems(
  document: unknown,
  mode: Mode = 'strict',
  permissions?: number,
): readonly Diagnostic[] {
  const text = typeof document === 'string' ? document : JSON.stringify(document);
  const options = { mode, file: 'runtimes.json', permissions };
  const { result } = loadFleet(Buffer.from(text), options);
  return result.ok ? result.warnings : result.diagnostics;
}

/** `error fleet-type hosts[0].enabled: expected boolean` */
export function fleetTold(document: unknown, mode: Mode = 'strict'): readonly string[] {
  return fleetProblems(document, mode).map(
    ({ severity, rule, message }) => `${severity} ${rule} ${message}`,
  );
}

export const contractFiles: readonly string[] = [1, 2, 3].map((number) =>
  readFileSync(`fixtures/fleet-contract-${number}/runtimes.json`, 'utf8'),
);

const anyJson = fc.jsonValue({ maxDepth: 2 });

const tellingValues = fc.constantFrom<unknown>(
  ...[null, true, false, 0, 1, -5, 80.5, 99_999, '', ' ', 'any', 'ssh', 'local', 'A B', '-x', 'ok'],
  ...[[], {}, ['lab'], [1], ['any'], '{source}', "'{source}'", '{print}', `\${home}`, '\u0000'],
);

/** A whole document, or one of the contract, with some of its parts replaced, removed or added. */
export const anyRuntimes: fc.Arbitrary<unknown> = fc
  .tuple(
    fc.constantFrom(runtimesPart(), ...contractFiles.map((text): unknown => JSON.parse(text))),
    fc.array(
      fc.record({
        at: fc.nat(),
        value: fc.oneof(tellingValues, anyJson),
        how: fc.constantFrom('replace', 'remove', 'add'),
      }),
      { maxLength: 4 },
    ),
  )
  .map(([document, edits]) => edits.reduce(edited, document));

type Edit = {
  readonly at: number;
  readonly value: unknown;
  readonly how: string;
};

function edited(document: unknown, { at, value, how }: Edit): unknown {
  const places = placesIn(document, []);
  const path = places[at % places.length] ?? [];
  return editedAt(document, path, (old) => {
    if (how === 'remove') return undefined;
    const isTable = typeof old === 'object' && old !== null && !Array.isArray(old);
    return how === 'add' && isTable ? { ...old, more: value } : value;
  });
}

function placesIn(value: unknown, path: readonly string[]): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, item]) => placesIn(item, [...path, key]))];
}

function editedAt(
  value: unknown,
  [key, ...rest]: readonly string[],
  edit: (old: unknown) => unknown,
): unknown {
  if (key === undefined) return edit(value);
  if (Array.isArray(value)) {
    return value.map((item: unknown, at) =>
      String(at) === key ? editedAt(item, rest, edit) : item,
    );
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      name === key ? editedAt(item, rest, edit) : item,
    ]),
  );
}
