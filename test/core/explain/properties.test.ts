import fc from 'fast-check';
import { expect, test } from 'vitest';
import schema from '../../../schemas/vllmd-hypervisor-config-schema.json' with { type: 'json' };
import type { ConfigInput } from '../../../src/core/config/config-input.gen.ts';
import { keyPath, pointer } from '../../../src/core/diagnostic.ts';
import { withValue } from '../../../src/core/explain/config-tree.ts';
import { variablesOf } from '../../../src/core/explain/explain.ts';
import type { FileExplanation } from '../../../src/core/explain/explain-files.ts';
import { explainKeys } from '../../../src/core/explain/explain-keys.ts';
import { linesOf, type TextArtefact, textsOf } from '../../../src/core/explain/scope.ts';
import { type Shape, shapesOf } from '../../../src/core/explain/shape.ts';
import { finished } from '../../../src/core/explain/steps.ts';
import type { Variable } from '../../../src/core/explain/variable.ts';
import type { Entry } from '../../../src/core/plan/observed.ts';
import type { Artefact } from '../../../src/core/render/artefact.ts';
import type { Materials } from '../../../src/core/render/materials.ts';
import { compose } from '../../../src/host/compose.ts';
import { createMemoryHost } from '../../../src/host/memory-host.ts';
import { fixtureHost } from '../../support/fixtures.ts';
import { explained, fixtureMaterials } from './materials.ts';

/** Values as somebody may write them, drawn with no knowledge of those that explain tries. */
function valuesOf(shape: Shape): fc.Arbitrary<unknown> {
  switch (shape.kind) {
    case 'boolean':
      return fc.boolean();
    case 'choice':
      return fc.constantFrom(...shape.values);
    case 'integer':
      return fc.oneof(
        fc.integer({ min: shape.minimum, max: Math.min(shape.maximum, 300) }),
        fc.integer({ min: shape.minimum, max: shape.maximum }),
      );
    case 'text':
      return fc.constantFrom(...texts.filter((text) => shape.pattern.test(text)));
    case 'list':
      return fc.uniqueArray(valuesOf(shape.items), { maxLength: 3 });
  }
  return shape satisfies never;
}

const texts = [
  'sdake',
  'web-1',
  'two words',
  '/srv/a/b',
  '~/c',
  '$HOME/d',
  '/',
  '0000:01:00.0',
  '0000:01:00.1',
  '0000:82:00.0',
  '0000:c1:00.0',
  '10.99.0.0/22',
  '172.16.0.0/12',
  '8.8.8.8',
  '0a:11:22:33:44:55',
  'br0',
  'root=/dev/vda1 quiet',
];

const shapes = shapesOf(schema);

/** A key of the config, one of a runtime among them, and another value of it; undefined takes it away. */
function changeOf({
  runtimes = [],
}: ConfigInput): fc.Arbitrary<{ readonly at: string; readonly value: unknown }> {
  const places = shapes.flatMap(({ table, isList, keys }) => {
    const own = table === '' ? '' : pointer(table);
    const tables = isList ? runtimes.map((_, at) => own + pointer(at)) : [own];
    return tables.flatMap((at) => keys.map((key) => ({ at: at + pointer(key.key), ...key })));
  });
  return fc
    .constantFrom(...places)
    .chain(({ at, shape, isRequired }) =>
      fc
        .option(valuesOf(shape), { nil: undefined, freq: isRequired ? 1_000_000 : 5 })
        .map((value) => ({ at, value })),
    );
}

const bases = [
  'version-2',
  'host-eight-h100',
  'contract-example',
  'network-bridge',
  'sparse-indices',
];

test.for(bases)(
  'a file that a key does not reach keeps its bytes: %s',
  { timeout: 120_000 },
  async (name) => {
    const materials = await fixtureMaterials(name);
    if (materials === undefined) throw new Error(`${name} is not valid`);
    const base = textsOf({ kind: 'all' }, materials);
    const variables = variablesOf(materials, schema);
    const reach = new Map<string, ReadonlySet<string>>();
    fc.assert(
      fc.property(changeOf(materials.input), ({ at, value }) => {
        const input = withValue(materials.input, at, value);
        // Of another account or user data the host would have to be asked.
        fc.pre(input !== undefined && isUnique(input) && !hostKeys.has(at));
        const reached = reach.get(at) ?? pathsReached(at, materials, variables);
        reach.set(at, reached);
        const after = byPath(textsOf({ kind: 'all' }, { ...materials, input }));
        for (const artefact of base.filter(({ path }) => !reached.has(path))) {
          const now = textOf(after.get(artefact.path));
          expect(now, `${keyPath(at)} = ${value}: ${artefact.path}`).toBe(textOf(artefact));
        }
      }),
      { numRuns: 150 },
    );
  },
);

function byPath(artefacts: readonly TextArtefact[]): ReadonlyMap<string, TextArtefact> {
  return new Map(artefacts.map((artefact) => [artefact.path, artefact]));
}

const hostKeys: ReadonlySet<string> = new Set(['/global/user', '/guest/user_data']);

function isUnique({ runtimes = [] }: ConfigInput): boolean {
  return new Set(runtimes.map(({ index }) => index)).size === runtimes.length;
}

function textOf(artefact: TextArtefact | undefined): string {
  return artefact === undefined ? 'no file' : linesOf(artefact).join('\n');
}

function pathsReached(
  at: string,
  materials: Materials,
  variables: readonly Variable[],
): ReadonlySet<string> {
  const keys = finished(explainKeys(at, materials, variables));
  return new Set(keys.flatMap(({ files }) => files.map(({ artefact }) => artefact.path)));
}

/** What a file of a host could say instead. */
function otherTexts(text: string): readonly string[] {
  return [
    '',
    text.replaceAll(/\d/g, (digit) => String((Number(digit) + 1) % 10)),
    text.replaceAll(/[a-z]/g, (letter) => (letter === 'z' ? 'a' : 'b')),
  ];
}

const hosts = ['version-2', 'host-two-numa-nodes', 'host-gpu-audio-nic-allowed', 'host-sriov-vf'];

test.for(hosts)(
  'a line that another host makes otherwise has a fact as a source: %s',
  { timeout: 240_000 },
  async (name) => {
    const host = await fixtureHost(name);
    const materials = await fixtureMaterials(name);
    if (materials === undefined) throw new Error(`${name} is not valid`);
    const files = explained(materials);
    const problems: string[] = [];
    let tried = 0;
    for (const { path, entries } of otherHosts(host.entries)) {
      const { artefacts } = await compose(
        materials.input,
        createMemoryHost({ entries, ...answers }),
      );
      problems.push(...unexplained(files, artefacts).map((line) => `${path}: ${line}`));
      tried += 1;
    }
    expect(problems).toEqual([]);
    expect(tried).toBeGreaterThan(100);
  },
);

/** The same host but for one file. */
function otherHosts(host: ReadonlyMap<string, Entry>) {
  return [...host].flatMap(([path, entry]) =>
    othersOf(entry).map((other) => {
      const entries = new Map(host);
      if (other === undefined) entries.delete(path);
      else entries.set(path, other);
      return { path, entries };
    }),
  );
}

/** Lines that changed, and files that went, though no fact of the host is named as their source. */
function unexplained(
  files: readonly FileExplanation[],
  after: readonly Artefact[],
): readonly string[] {
  const texts = byPath(
    after.flatMap((artefact) => (artefact.type === 'directory' ? [] : [artefact])),
  );
  return files.flatMap(({ artefact, lines, exists, named }) => {
    const now = texts.get(artefact.path);
    if (now === undefined) return [...exists, ...named].some(isOfHost) ? [] : [artefact.path];
    const left = new Set(linesOf(now));
    return lines
      .filter(
        ({ text, sources }) => !left.has(text) && !sources.some(({ origin }) => isOfHost(origin)),
      )
      .map(({ text }) => `${artefact.path}: ${text}`);
  });
}

const answers = {
  freeBytes: 2 ** 42,
  answers: ([program]: readonly string[]) =>
    program === 'cloud-hypervisor'
      ? { exitCode: 0, stdout: 'cloud-hypervisor v53.0.0\n', stderr: '' }
      : undefined,
};

function othersOf(entry: Entry): readonly (Entry | undefined)[] {
  if (entry.type === 'file')
    return [undefined, ...otherTexts(entry.text).map((text) => ({ ...entry, text }))];
  if (entry.type === 'link') return [undefined, { ...entry, target: `${entry.target}1` }];
  return [];
}

function isOfHost({ kind }: { readonly kind: string }): boolean {
  return kind === 'host';
}
