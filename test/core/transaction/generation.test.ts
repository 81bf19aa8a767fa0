import { expect, test } from 'vitest';
import {
  artefactsOf,
  type Generation,
  parseGeneration,
} from '../../../src/core/transaction/generation.ts';
import { installed } from '../../support/call.ts';

async function lastGeneration(): Promise<string> {
  const machine = await installed('/mixed.toml');
  const entry = machine.entries.get('/var/lib/vllmd/install/generations/2.json');
  return entry?.type === 'file' ? entry.text : '';
}

const text = await lastGeneration();
const whole: Generation = JSON.parse(text);

test('a generation is read back as it was written', () => {
  expect(parseGeneration(text)).toEqual(whole);
  expect(whole).toMatchObject({ operation: 'install', at: '2026-01-01T00:00:00.000Z' });
  expect(whole.changed).toEqual([1, 2, 3]);
});

test.for([
  ['', 'is not whole'],
  [text.slice(0, -9), 'is not whole'],
  ['[]', 'lacks entries that every generation has'],
  ['null', 'lacks entries that every generation has'],
  ['{"schema":1}', 'lacks entries that every generation has'],
] as const)('what is no generation is told: %s', ([damaged, why]) => {
  expect(parseGeneration(damaged)).toBe(why);
});

test.for([
  ['schema', 2],
  ['at', 7],
  ['operation', null],
  ['changed', '1'],
  ['texts', []],
  ['texts', { a: 7 }],
  ['directories', {}],
  ['directories', [null]],
  ['directories', [{ path: '/etc', mode: '0755', uid: 0, gid: 0 }]],
  ['directories', [{ mode: 0o755, uid: 0, gid: 0 }]],
] as const)('a generation with %s = %j is refused', ([key, value]) => {
  expect(parseGeneration(JSON.stringify({ ...whole, [key]: value }))).toBe(
    'lacks entries that every generation has',
  );
});

test('a generation with a record that is damaged is refused', () => {
  const manifest = { ...whole.manifest, links: [{ path: '/etc/passwd' }] };
  expect(parseGeneration(JSON.stringify({ ...whole, manifest }))).toBe(
    'holds a record that lacks entries that every manifest has',
  );
});

test('a generation gives back what it had on the host: every path, with its text, mode and owner', async () => {
  const { entries } = await installed('/mixed.toml');
  const artefacts = artefactsOf(whole);
  if (typeof artefacts === 'string') throw new Error(artefacts);
  const given = artefacts.map((artefact) => {
    const { path } = artefact;
    if (artefact.type === 'link') return [path, { target: artefact.target }] as const;
    const { mode, owner } = artefact;
    const base = { type: artefact.type, mode, uid: owner.uid, gid: owner.gid };
    return [path, artefact.type === 'file' ? { ...base, text: artefact.text } : base] as const;
  });
  for (const [path, entry] of given) expect(entries.get(path), path).toMatchObject(entry);
  const { files, links, dirs } = whole.manifest;
  expect(given).toHaveLength(files.length + links.length + dirs.length);
});

test('directories of a runtime are its own, all others are shared', () => {
  const artefacts = artefactsOf(whole);
  if (typeof artefacts === 'string') throw new Error(artefacts);
  const groups = new Map(artefacts.map(({ path, group }) => [path, group]));
  const state = '/home/sdake/.local/state/vllmd-hypervisor';
  expect(groups.get('/etc/systemd/system/vllmd-runtime@1.service.d')).toBe(1);
  expect(groups.get('/etc/systemd/system/vllmd-runtime-pre-start@3.service.d')).toBe(3);
  expect(groups.get(`${state}/runtime-3`)).toBe(3);
  expect(groups.get(`${state}/runtime-3/cloud-init`)).toBe(3);
  expect(groups.get('/etc/vllmd')).toBe('shared');
  expect(groups.get(state)).toBe('shared');
});

test('a text that is not kept is told with the path that it was of', () => {
  const [file] = whole.manifest.files;
  const { [file?.sha256 ?? '']: _, ...texts } = whole.texts;
  expect(artefactsOf({ ...whole, texts })).toBe(`does not hold the text of ${file?.path}`);
});
