import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../../../src/core/fleet');

const sources = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => ({ path: join(ROOT, path), text: readFileSync(join(ROOT, path), 'utf8') }));

/** What a module takes from elsewhere, whether by name or when it runs. */
function importsOf(text: string): readonly string[] {
  const found = text.matchAll(/(?:\bfrom|\bimport|\brequire\()\s*\(?\s*['"]([^'"]+)['"]/g);
  return [...found].map(([, name = '']) => name);
}

/** Every module that they bring with them, by its path. */
function reached(): ReadonlyMap<string, readonly string[]> {
  const known = new Map<string, readonly string[]>();
  const open = sources.map(({ path }) => path);
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (known.has(path)) continue;
    const imports = importsOf(readFileSync(path, 'utf8'));
    known.set(path, imports);
    const relative = imports.filter((name) => name.startsWith('.'));
    open.push(...relative.map((name) => join(path, '..', name)));
  }
  return known;
}

test('planning brings no module with it that reads, writes or starts something', () => {
  const effects = [...reached()].flatMap(([path, imports]) =>
    imports.filter((name) => isEffect(name)).map((name) => `${path} ${name}`),
  );
  expect(sources.length).toBeGreaterThan(10);
  expect(effects).toEqual([]);
  expect([...reached().keys()].filter((path) => !path.includes('/src/core/'))).toEqual([]);
});

/** Of node:crypto digests are used; what it has of randomness the next test looks for. */
function isEffect(name: string): boolean {
  return /^(node:(?!(crypto|path)$)|execa|zx)/.test(name);
}

test.for([
  ['a clock', /\bDate\b|\bperformance\b|\bset(?:Timeout|Interval)\b/],
  ['randomness', /Math\.random|randomUUID|randomBytes|randomInt|getRandomValues/],
  ['the environment', /\bprocess\.(?:env|argv|cwd|hrtime|platform|pid)\b|\bglobalThis\b/],
] as const)('nothing that plans uses %s', ([, pattern]) => {
  const found = [...reached().keys()].filter((path) => pattern.test(code(path)));
  // It writes a time that it is given.
  expect(found.filter((path) => !path.endsWith('/src/core/instant.ts'))).toEqual([]);
});

/** Without comments. */
function code(path: string): string {
  return readFileSync(path, 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
}
