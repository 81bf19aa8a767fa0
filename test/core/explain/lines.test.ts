import fc from 'fast-check';
import { expect, test } from 'vitest';
import schema from '../../../schemas/vllmd-hypervisor-config-schema.json' with { type: 'json' };
import { keyPath } from '../../../src/core/diagnostic.ts';
import { variablesOf } from '../../../src/core/explain/explain.ts';
import type { FileExplanation } from '../../../src/core/explain/explain-files.ts';
import { explainKeys, type ReachedFile } from '../../../src/core/explain/explain-keys.ts';
import { placedLines } from '../../../src/core/explain/json-lines.ts';
import { lineChanges } from '../../../src/core/explain/line-changes.ts';
import { linesOf, type TextArtefact, textsOf } from '../../../src/core/explain/scope.ts';
import { finished } from '../../../src/core/explain/steps.ts';
import { pointerOf, type Source } from '../../../src/core/explain/tidy.ts';
import type { Origin, Variable } from '../../../src/core/explain/variable.ts';
import type { Materials } from '../../../src/core/render/materials.ts';
import { originLabel } from '../../../src/core/report/explain-origins.ts';
import { compose } from '../../../src/host/compose.ts';
import { readPci } from '../../../src/host/read-pci.ts';
import { fixtureHost } from '../../support/fixtures.ts';
import { changesOf } from './drawn-changes.ts';
import { explained, fixtureMaterials, materialsOf } from './materials.ts';

type Case = {
  readonly title: string;
  readonly fixture: string;
  /** In place of the config of the fixture. */
  readonly config?: string;
};

const bare = '[global]\nuser = "sdake"\n[[runtimes]]\nindex = 1\nname = "bare"\n';
const fixtures = [
  'version-2',
  'contract-example',
  'host-two-numa-nodes',
  'host-gpu-audio-nic-allowed',
  'host-sriov-vf',
];
const cases: readonly Case[] = [
  ...fixtures.map((fixture) => ({ title: fixture, fixture })),
  { title: 'no GPU on two NUMA nodes', fixture: 'host-two-numa-nodes', config: bare },
];

type Tried = {
  readonly materials: Materials;
  readonly variables: readonly Variable[];
  readonly files: readonly FileExplanation[];
  /** What the other values of each source make, by its name. */
  readonly others: ReadonlyMap<string, readonly (readonly TextArtefact[])[]>;
};

const known = new Map<Case, Promise<Tried>>();

/** The same for all tests of a case: each takes a second. */
function triedOf(one: Case): Promise<Tried> {
  const tried = known.get(one) ?? everyValueTried(one);
  known.set(one, tried);
  return tried;
}

async function everyValueTried({ title, fixture, config }: Case): Promise<Tried> {
  const materials =
    config === undefined
      ? await fixtureMaterials(fixture)
      : await materialsOf(config, await fixtureHost(fixture));
  if (materials === undefined) throw new Error(`${title} is not valid`);
  const variables = variablesOf(materials, schema);
  const others = variables.map(({ origin, variants }) => {
    const texts = variants().map((variant) => textsOf({ kind: 'all' }, variant.materials));
    return [nameOf(origin), texts] as const;
  });
  return { materials, variables, files: explained(materials), others: new Map(others) };
}

test.for(cases)(
  'some other value of each source of a line makes another line of it: $title',
  async (one) => {
    const { files, others } = await triedOf(one);
    const paths = new Set(files.map(({ artefact }) => artefact.path));
    const wrong: string[] = [];
    let tried = 0;
    for (const { artefact, lines } of files) {
      const before = marksOf(artefact);
      for (const { number, text, sources } of lines) {
        for (const { origin } of sources) {
          const variants = others.get(nameOf(origin)) ?? [];
          const isChanged = variants
            .flatMap((texts) => successors(artefact, texts, paths))
            .some((after) => isOtherAt(number - 1, before, marksOf(after)));
          if (!isChanged) wrong.push(`${originLabel(origin)}: ${artefact.path}:${number} ${text}`);
          tried += 1;
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(tried).toBeGreaterThan(100);
  },
);

test.for(cases)(
  'no value that is tried changes a line whose source it is not: $title',
  async (one) => {
    const { files, variables, others } = await triedOf(one);
    const wrong: string[] = [];
    for (const { origin } of variables) {
      for (const texts of others.get(nameOf(origin)) ?? []) {
        const after = byPath(texts);
        for (const file of files) {
          wrong.push(
            ...unnamed(file, after.get(file.artefact.path), origin).map(
              (what) => `${originLabel(origin)}: ${what}`,
            ),
          );
        }
      }
    }
    expect(wrong).toEqual([]);
  },
);

test.for(cases)(
  'nor does any other value that a config may have, on the host that it is for: $title',
  async (one) => {
    const { materials, files } = await triedOf(one);
    const host = await fixtureHost(one.fixture);
    const { devices } = await readPci(host, []);
    await fc.assert(
      fc.asyncProperty(
        changesOf(materials.input, [...devices.keys()]),
        async ({ at, input, value }) => {
          const { artefacts } = await compose(input, host);
          const after = byPath(artefacts.filter((artefact) => artefact.type !== 'directory'));
          const asked: Origin = { kind: 'config', pointer: at };
          const wrong = files.flatMap((file) =>
            unnamed(file, after.get(file.artefact.path), asked),
          );
          expect(wrong, `${keyPath(at)} = ${JSON.stringify(value)}`).toEqual([]);
        },
      ),
      { numRuns: 100 },
    );
  },
);

test.for(cases)(
  'a key reaches the lines that have it as a source, and no others: $title',
  async (one) => {
    const { materials, files, variables } = await triedOf(one);
    const sources = files.flatMap(({ artefact, lines }) =>
      lines.map((line) => ({
        at: `${artefact.path}:${line.number}`,
        origins: line.sources.map(({ origin }) => origin),
      })),
    );
    for (const { origin } of variables) {
      if (origin.kind === 'host' || origin.kind === 'every') continue;
      const keys = finished(explainKeys(origin.pointer, materials, variables));
      const reached = new Set(keys.flatMap((key) => key.files.flatMap(linesReached)));
      const wrong = sources.filter(({ at, origins }) =>
        reached.has(at) ? !isAmong(origins, origin) : isNamed(origins, origin),
      );
      expect(wrong, keyPath(origin.pointer)).toEqual([]);
    }
  },
);

function linesReached({ artefact, lines }: ReachedFile): readonly string[] {
  return lines.map(({ number }) => `${artefact.path}:${number}`);
}

function byPath(artefacts: readonly TextArtefact[]): ReadonlyMap<string, TextArtefact> {
  return new Map(artefacts.map((artefact) => [artefact.path, artefact]));
}

function nameOf(origin: Origin): string {
  return JSON.stringify(origin);
}

/** What a file may have become: itself, or one of its kind that was not there. */
function successors(
  before: TextArtefact,
  after: readonly TextArtefact[],
  paths: ReadonlySet<string>,
): readonly TextArtefact[] {
  const own = after.filter(({ path }) => path === before.path);
  return own.length > 0
    ? own
    : after.filter(({ path, type }) => type === before.type && !paths.has(path));
}

/** The lines; of JSON each with its place, for braces look alike. */
function marksOf(artefact: TextArtefact): readonly string[] {
  const lines = linesOf(artefact);
  const isJson = artefact.type === 'file' && artefact.kind === 'vm';
  return isJson ? placedLines(lines).map(({ place, text }) => `${place} ${text}`) : lines;
}

/** It is there less often, or the same lines stand in another order. */
function isOtherAt(at: number, before: readonly string[], after: readonly string[]): boolean {
  const own = before[at] ?? '';
  if (countOf(own, after) < countOf(own, before)) return true;
  const isShuffled = [...before].sort().join('\n') === [...after].sort().join('\n');
  return isShuffled && after.indexOf(own) !== before.indexOf(own);
}

function countOf(line: string, lines: readonly string[]): number {
  return lines.filter((other) => other === line).length;
}

/** What is another than it was, though `asked` is not named there. */
function unnamed(
  { artefact, lines, missing, exists, named }: FileExplanation,
  after: TextArtefact | undefined,
  asked: Origin,
): readonly string[] {
  const { path } = artefact;
  if (after === undefined) return isAmong([...exists, ...named], asked) ? [] : [`${path} is gone`];
  const { changed, added } = lineChanges(artefact, after);
  const isKnown = (sources: readonly Source[] = []) =>
    isAmong(
      sources.map(({ origin }) => origin),
      asked,
    );
  return [
    ...changed
      .filter((number) => !isKnown(lines[number - 1]?.sources))
      .map((number) => `${path}:${number} ${lines[number - 1]?.text}`),
    ...added
      .filter((number) => !isKnown(missing.find((gap) => gap.after === number)?.sources))
      .map((number) => `${path}, added behind ${number}`),
  ];
}

function isNamed(named: readonly Origin[], asked: Origin): boolean {
  return named.some((origin) => nameOf(origin) === nameOf(asked));
}

/** Itself, an item for its list, a key for its table, and the reverse; one of the runtimes for all of them. */
function isAmong(named: readonly Origin[], asked: Origin): boolean {
  if (isNamed(named, asked)) return true;
  const pointers = named.flatMap((origin) => pointerOf(origin) ?? []);
  if (asked.kind === 'every') {
    const ofKey = new RegExp(`^/runtimes/\\d+/${asked.key}(?:/|$)`);
    return pointers.some((pointer) => ofKey.test(pointer));
  }
  const own = pointerOf(asked);
  return pointers.some(
    (pointer) => `${pointer}/`.startsWith(`${own}/`) || `${own}/`.startsWith(`${pointer}/`),
  );
}
