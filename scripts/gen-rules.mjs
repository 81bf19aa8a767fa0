// The long forms of all rules, from docs/rules/*.md.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const FOLDER = 'docs/rules';
/** From what is seen first to what is seen last. */
const FILES = [
  'text',
  'keys',
  'config-runtimes',
  'config-network',
  'config-values',
  'llama',
  'fleet',
  'hive',
  'host',
  'llama-host',
  'devices',
  'precheck',
  'install',
  'vm-definitions',
];
/** What the examples of a page are called that are no config of a host. */
const EXAMPLE_FILES = { llama: 'llama.toml', fleet: 'runtimes.json', hive: 'document.yaml' };
const LABELS = ['Why', 'What to do', 'Source'];

/** A section of its own, `## id`, with a sentence, labelled paragraphs and two examples. */
function proseEntry(area, section, file) {
  const [id, ...rest] = section.split('\n');
  const examples = Object.fromEntries(
    [...section.matchAll(/^```(?:toml|json|yaml) (wrong|right)(?: lenient)?\n(.*?)^```$/gms)].map(
      ([, name, text]) => [name, text],
    ),
  );
  const paragraphs = rest
    .join('\n')
    .replace(/^```.*?^```$/gms, '')
    .split(/\n{2,}/)
    .map((paragraph) => paragraph.trim().replaceAll('\n', ' '))
    .filter((paragraph) => paragraph !== '');
  const [title, ...labelled] = paragraphs;
  const parts = Object.fromEntries(labelled.map((paragraph) => labelOf(paragraph, id, file)));
  if (!parts['Why'] || !parts['What to do'] || !title.endsWith('.')) {
    throw new Error(`${file}: ${id} needs a sentence, "Why: …" and "What to do: …"`);
  }
  if ((examples.wrong === undefined) !== (examples.right === undefined)) {
    throw new Error(`${file}: ${id} has one example without the other`);
  }
  return {
    kind: 'rule',
    id,
    area,
    title,
    why: parts['Why'],
    remedy: parts['What to do'],
    source: parts['Source'],
    ...(/^```(?:toml|json|yaml) wrong lenient$/m.test(section) ? { mode: 'lenient' } : {}),
    ...(examples.wrong === undefined ? {} : exampleFile(file)),
    ...examples,
  };
}

function exampleFile(file) {
  const name = EXAMPLE_FILES[basename(file, '.md')];
  return name === undefined ? {} : { file: name };
}

function labelOf(paragraph, id, file) {
  const [, label, text] = /^([\w ]+): (.*)$/.exec(paragraph) ?? [];
  if (LABELS.includes(label)) return [label, text];
  throw new Error(`${file}: ${id} has a paragraph that begins with none of ${LABELS.join(', ')}`);
}

/** A row of a table: id, what is refused, what happens otherwise, source, when, since which version, how an install takes it. */
function definitionEntry(area, commit, row) {
  const cells = row.split('|').map((cell) => cell.trim());
  const [, id, refused, otherwise, place, when, since, inInstall] = cells.map(
    (cell) => cell || undefined,
  );
  return {
    kind: 'definition',
    id,
    area,
    refused,
    otherwise,
    ...sourceOf(place, commit),
    when,
    since,
    inInstall,
  };
}

function sourceOf(place, commit) {
  if (place === undefined) return {};
  if (place.startsWith('rust-vmm')) return { source: place };
  const version = place.includes('.rs') && !place.includes(' at v') ? ` at ${commit}` : '';
  return { source: `cloud-hypervisor${version}, ${place}` };
}

function entriesOfSection(area, section, { intro, file }) {
  const [heading] = section.split('\n', 1);
  const rows = section.match(/^\| [A-Z]+(?:-[A-Z]+)?-\d+ \|.*$/gm);
  if (rows === null) return [proseEntry(area, section, file)];
  const [, commit] = /cloud-hypervisor at ([0-9a-f]{12})/.exec(intro) ?? [];
  if (commit === undefined) throw new Error(`${file} does not say which cloud-hypervisor it cites`);
  return rows.map((row) => definitionEntry(`${area}: ${heading}`, commit, row));
}

function entriesOfFile(text, file) {
  return text
    .split(/^# /m)
    .slice(1)
    .flatMap((part) => {
      const [intro, ...sections] = part.split(/^## /m);
      const [area] = intro.split('\n', 1);
      return sections.flatMap((section) => entriesOfSection(area, section, { intro, file }));
    });
}

/** As `[path, text]`. */
export function ruleOutputs(root, header) {
  const folder = join(root, FOLDER);
  const present = existsSync(folder) ? readdirSync(folder) : [];
  const files = FILES.map((name) => `${name}.md`).filter((file) => present.includes(file));
  if (files.length < present.length) throw new Error(`${FOLDER} has a file of no known place`);
  const entries = files.flatMap((file) =>
    entriesOfFile(readFileSync(join(folder, file), 'utf8'), `${FOLDER}/${file}`),
  );
  return [
    [
      'src/core/catalogue/explanations.gen.ts',
      `${header}
import type { Explanation } from './explanation.ts';

/** From docs/rules, in its order. */
export const explanations: readonly Explanation[] = ${JSON.stringify(entries, null, 2)};
`,
    ],
  ];
}
