// The program as a text of modules, in groups of those that are loaded together, and the index of where each lies.
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { build, transform } from 'esbuild';

/** What src/start/ loads by name. */
const entryPoints = ['src/main.ts', 'src/warm-up.ts'];

/**
 * What is loaded at once for one of these is a group, without what those before them load; what other entries load comes
 * next. A group is read as a whole: that costs less than many small ones, and more the more of it is not needed.
 */
const firstGroups = [
  'src/main.ts',
  'src/cli/commands/validate.ts',
  'src/cli/commands/install.ts',
  'node_modules/execa/index.js',
  'src/core/report/diagnostics-human.ts',
  'src/core/config/locate.ts',
  'src/cli/commands/llama-resolve.ts',
];

/** By far the largest: what others load as well is to be in theirs. */
const lastGroup = 'src/cli/commands/hive-serve.ts';

/**
 * The help is plain ASCII. The package that yargs measures it with brings regular expressions of all emoji, and parsing
 * these takes longer at every start than all else in the file.
 */
const plainWidth = {
  name: 'plain-width',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^string-width$/ }, () => ({ path: 'string-width', namespace: 'plain' }));
    onLoad({ filter: /.*/, namespace: 'plain' }, () => ({
      contents: 'export default (text) => text.length;',
    }));
  },
};

/** SQLite is compiled for one version of Node where there is a compiler: a vllmd without it has all else. */
const nativeDriver = (hasDriver) => ({
  name: 'native-driver',
  setup({ onResolve, onLoad }) {
    const isMissing = hasDriver ? /^bindings$/ : /^(bindings|better-sqlite3)$/;
    onResolve({ filter: isMissing }, ({ path }) => ({ path, namespace: 'missing' }));
    onLoad({ filter: /.*/, namespace: 'missing' }, () => ({
      contents: "throw new Error('it is not installed')",
    }));
  },
});

const minified = { minifyWhitespace: true, minifySyntax: true, target: 'node20', platform: 'node' };

/** { text, index, inputs }: `inputs` are the files that are in it. */
export async function buildProgram({ root, version, hasDriver }) {
  const { outputFiles, metafile } = await build({
    ...minified,
    absWorkingDir: root,
    entryPoints,
    outdir: 'dist',
    // The names of the parts follow from what is in them.
    chunkNames: '[hash]',
    write: false,
    bundle: true,
    splitting: true,
    metafile: true,
    format: 'esm',
    // What its `main` names loads its parts in a way that no bundler sees.
    alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
    legalComments: 'none',
    sourcemap: false,
    define: { __VLLMD_VERSION__: JSON.stringify(version), 'import.meta.url': 'url$' },
    plugins: [plainWidth, nativeDriver(hasDriver)],
    logLevel: 'warning',
  });
  const wrapped = await Promise.all(
    outputFiles.map(async ({ path, text }) => [basename(path), await wrappedModule(text)]),
  );
  const groups = groupedBy(groupNumbers(metafile), wrapped);
  const { text, index } = laidOut(groups);
  const id = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return { text, index: { id, version, ...index }, inputs: Object.keys(metafile.inputs) };
}

/** A function of what src/start/load-program.ts hands to it. */
async function wrappedModule(text) {
  const { code } = await transform(text, {
    ...minified,
    format: 'cjs',
    supported: { 'dynamic-import': false },
  });
  return `function(exports,require,module,url$){${code.trimEnd()}\n}`;
}

/** The number of the group of each module, by its name. */
function groupNumbers({ outputs }) {
  const numbers = new Map();
  for (const [number, path] of entriesInOrder(outputs).entries()) {
    for (const needed of closureOf(path, outputs)) {
      if (!numbers.has(basename(needed))) numbers.set(basename(needed), number);
    }
  }
  return numbers;
}

function entriesInOrder(outputs) {
  const byEntry = new Map();
  for (const [path, { entryPoint }] of Object.entries(outputs)) {
    if (entryPoint !== undefined) byEntry.set(entryPoint, path);
  }
  const placed = [...firstGroups, lastGroup];
  const missing = placed.find((entry) => !byEntry.has(entry));
  if (missing !== undefined) throw new Error(`${missing} is loaded by nothing, or at once`);
  const others = [...byEntry.keys()].filter((entry) => !placed.includes(entry)).sort();
  return [...firstGroups, ...others, lastGroup].map((entry) => byEntry.get(entry));
}

/** What is loaded with it, at once. */
function closureOf(path, outputs, found = new Set()) {
  if (found.has(path)) return found;
  found.add(path);
  for (const { path: next, kind, external } of outputs[path].imports) {
    if (kind === 'import-statement' && !external) closureOf(next, outputs, found);
  }
  return found;
}

function groupedBy(numbers, wrapped) {
  const groups = [];
  for (const [name, code] of wrapped.toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const number = numbers.get(name);
    groups[number] ??= [];
    groups[number].push([name, code]);
  }
  return groups;
}

function laidOut(groups) {
  const index = { groups: [], modules: {} };
  let text = '';
  let offset = 0;
  let line = 0;
  for (const [number, modules = []] of groups.entries()) {
    const lines = modules.map(([name, code]) => `${JSON.stringify(name)}:${code},\n`).join('');
    const code = `({\n${lines}})\n`;
    const byteLength = Buffer.byteLength(code);
    // What is all ASCII needs no decoding.
    index.groups.push({ offset, byteLength, line, isAscii: byteLength === code.length });
    for (const [name] of modules) index.modules[name] = number;
    text += code;
    offset += byteLength;
    line += code.split('\n').length - 1;
  }
  return { text, index };
}
