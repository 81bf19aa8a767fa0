import { expect, test } from 'vitest';
import type { FileExplanation } from '../../../src/core/explain/explain-files.ts';
import { linesOf, type TextArtefact } from '../../../src/core/explain/scope.ts';
import type { Entry } from '../../../src/core/plan/observed.ts';
import type { Artefact } from '../../../src/core/render/artefact.ts';
import { createMemoryHost } from '../../../src/host/memory-host.ts';
import { fixtureComposition, fixtureHost } from '../../support/fixtures.ts';
import { explained, fixtureMaterials } from './materials.ts';

function byPath(artefacts: readonly TextArtefact[]): ReadonlyMap<string, TextArtefact> {
  return new Map(artefacts.map((artefact) => [artefact.path, artefact]));
}

/** What a file of a host could say instead. */
function otherTexts(text: string): readonly string[] {
  return [
    '',
    text.replaceAll(/\d/g, (digit) => String((Number(digit) + 1) % 10)),
    text.replaceAll(/[a-z]/g, (letter) => (letter === 'z' ? 'a' : 'b')),
  ];
}

const hosts = [
  'version-2',
  'guest-llama',
  'host-two-numa-nodes',
  'host-gpu-audio-nic-allowed',
  'host-sriov-vf',
];

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
      const other = createMemoryHost({ entries, ...answers });
      // Another text can be no config at all.
      const artefacts = (await fixtureComposition(name, other))?.artefacts;
      if (artefacts === undefined) continue;
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
