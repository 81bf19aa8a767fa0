import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { rules } from '../src/core/rules/rules.ts';

const GENERATED = [
  'src/core/config/config-input.gen.ts',
  'src/core/config/validate-config.gen.ts',
  'src/core/llama/llama-keys.gen.ts',
  'src/core/llama/validate-llama.gen.ts',
  'src/core/render/templates.gen.ts',
  'src/core/vm/vm-config.gen.ts',
  'src/core/catalogue/explanations.gen.ts',
  'docs/reference.md',
  'docs/llama-reference.md',
];

function gen(...args: readonly string[]): {
  readonly code: number | null;
  readonly stderr: string;
} {
  const { status, stderr } = spawnSync('node', ['scripts/gen.mjs', ...args], { encoding: 'utf8' });
  return { code: status, stderr };
}

/** What gen reads and writes, in a folder of its own. */
function copiedTree(): string {
  const root = mkdtempSync(join(tmpdir(), 'vllmd-gen-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const path of ['schemas', 'templates', 'src/core/rules', 'docs/rules']) {
    cpSync(path, join(root, path), { recursive: true });
  }
  return root;
}

test('every generated file is up to date', () => {
  expect(gen('--check')).toEqual({ code: 0, stderr: '' });
});

test('--check names each stale file and writes nothing', () => {
  const root = copiedTree();
  const all = GENERATED.map((path) => `${path} is stale; run \`npm run gen\`\n`).join('');
  expect(gen('--check', '--root', root)).toEqual({ code: 1, stderr: all });
  expect(gen('--root', root)).toEqual({ code: 0, stderr: '' });
  expect(gen('--check', '--root', root)).toEqual({ code: 0, stderr: '' });
  appendFileSync(join(root, 'docs/reference.md'), 'by hand\n');
  expect(gen('--check', '--root', root)).toEqual({
    code: 1,
    stderr: 'docs/reference.md is stale; run `npm run gen`\n',
  });
});

test('a page that lacks a part, or that no list knows, is refused with its file and id', () => {
  const root = copiedTree();
  const file = join(root, 'docs/rules/host.md');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace('Why: paths of the config', 'Because paths of the config'));
  expect(gen('--root', root).stderr).toContain('docs/rules/host.md: user-exists has a paragraph');
  writeFileSync(file, `${text}\n## new\n\nA sentence.\n`);
  expect(gen('--root', root).stderr).toContain('docs/rules/host.md: new needs a sentence');
  writeFileSync(file, text);
  writeFileSync(join(root, 'docs/rules/other.md'), '');
  expect(gen('--root', root).stderr).toContain('docs/rules has a file of no known place');
});

test('works before there are templates and rules', () => {
  const root = copiedTree();
  rmSync(join(root, 'templates'), { recursive: true });
  rmSync(join(root, 'src/core/rules'), { recursive: true });
  rmSync(join(root, 'docs/rules'), { recursive: true });
  expect(gen('--root', root)).toEqual({ code: 0, stderr: '' });
  mkdirSync(join(root, 'templates'));
  expect(gen('--check', '--root', root)).toEqual({ code: 0, stderr: '' });
});

test('the reference has every rule, and since when a key is there', () => {
  const reference = readFileSync('docs/reference.md', 'utf8');
  for (const { id } of rules) expect(reference).toContain(`| \`${id}\` | `);
  expect(reference).toMatch(/^\| `mac` \| string \| 2 \| no \|/m);
  expect(reference).toMatch(/^\| `index` \| integer \| 1 \| yes \|/m);
});

test('the reference says in words what a pattern says, and what is masked', () => {
  const reference = readFileSync('docs/reference.md', 'utf8');
  expect(reference).not.toMatch(/^\|.*\| `\^/m);
  expect(reference).toMatch(
    /^\| `ssh_authorized_keys` \|.*\| each: .*; none twice \|.*masked wherever the config is shown\. \|$/m,
  );
});
