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

test.for([
  ['mode', '4755'],
  ['mode', '0666'],
  ['mode', '755'],
  ['uid', -1],
  ['gid', 1.5],
] as const)('a generation with a file of %s %s is refused', ([key, value]) => {
  const [first, ...others] = whole.manifest.files;
  const manifest = { ...whole.manifest, files: [{ ...first, [key]: value }, ...others] };
  expect(parseGeneration(JSON.stringify({ ...whole, manifest }))).toBe(
    'holds a record that lacks entries that every manifest has',
  );
});

test('a generation with a link to a unit of somebody else is refused', () => {
  const links = whole.manifest.links.map((link) => ({ ...link, target: '/home/u/evil.service' }));
  const manifest = { ...whole.manifest, links };
  expect(parseGeneration(JSON.stringify({ ...whole, manifest }))).toBe(
    'holds a record that lacks entries that every manifest has',
  );
});

test.for(['/etc/ssh', '/var/../etc'])(
  'a generation with a directory %s that its record does not name is refused',
  (path) => {
    const directories = [...whole.directories, { path, mode: 0o755, uid: 4001, gid: 4001 }];
    expect(parseGeneration(JSON.stringify({ ...whole, directories }))).toBe(
      `names a directory that its record does not: ${path}`,
    );
  },
);

test('a directory of the system is root’s, and none is open to others, whatever a generation says', () => {
  const lent = whole.directories.map((entry) => ({ ...entry, mode: 0o2777, uid: 4001 }));
  const generation = parseGeneration(JSON.stringify({ ...whole, directories: lent }));
  const artefacts = typeof generation === 'string' ? generation : artefactsOf(generation);
  if (typeof artefacts === 'string') throw new Error(artefacts);
  const directories = artefacts.filter((artefact) => artefact.type === 'directory');
  expect(new Set(directories.map(({ mode }) => mode))).toEqual(new Set([0o755]));
  const ofSystem = directories.filter(({ path }) => path.startsWith('/etc/'));
  expect(ofSystem.length).toBeGreaterThan(0);
  expect(new Set(ofSystem.map(({ owner }) => owner.uid))).toEqual(new Set([0]));
});

test('a generation with another text than its digest says is refused', () => {
  const [key = ''] = Object.keys(whole.texts);
  const texts = { ...whole.texts, [key]: 'another' };
  expect(parseGeneration(JSON.stringify({ ...whole, texts }))).toBe(
    'holds a text that is another one',
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
