/** Keys of [Unit] that do not decide how a unit runs. */
const ignored = new Set([
  'Description',
  'Documentation',
  'OnFailure',
  'OnSuccess',
  'OnFailureJobMode',
  'IgnoreOnIsolate',
  'StopWhenUnneeded',
  'RefuseManualStart',
  'RefuseManualStop',
  'AllowIsolate',
  'CollectMode',
  'SourcePath',
]);

/** A unit file with its drop-ins, without comments and ignored keys; the order of different keys does not count. */
export function canonicalUnit(...texts: readonly string[]): string {
  const [first = '', ...others] = texts;
  const values = new Map(valuesOf(first));
  for (const text of others) add(text, values);
  return JSON.stringify([...values].sort(([a], [b]) => (a < b ? -1 : 1)));
}

type UnitAssignment = { readonly section: string; readonly key: string; readonly value: string };
/** By section and key. */
type Values = Map<string, readonly string[]>;

/** Units of one template begin with the same text. */
let last: { readonly text: string; readonly values: Values } | undefined;

function valuesOf(text: string): Values {
  if (last?.text !== text) {
    last = { text, values: new Map() };
    add(text, last.values);
  }
  return last.values;
}

function add(text: string, values: Values): void {
  for (const { section, key, value } of assignments(text)) {
    if (isIgnored(section, key)) continue;
    const name = `${section}${key}`;
    // An empty value clears what was said before of a list.
    const before = value === '' ? [] : (values.get(name) ?? []).filter((known) => known !== '');
    values.set(name, [...before, value]);
  }
}

function assignments(text: string): readonly UnitAssignment[] {
  const found: UnitAssignment[] = [];
  let section = '';
  const lines = text
    .replace(/\\\n/g, ' ')
    .split('\n')
    .map((line) => line.trim());
  for (const line of lines.filter((candidate) => /^[^#;]/.test(candidate))) {
    const cut = line.indexOf('=');
    if (line.startsWith('[')) section = line;
    else if (cut > 0 && section !== '') {
      found.push({ section, key: line.slice(0, cut).trim(), value: line.slice(cut + 1).trim() });
    }
  }
  return found;
}

function isIgnored(section: string, key: string): boolean {
  return (
    section === '[Install]' ||
    section.startsWith('[X-') ||
    key.startsWith('X-') ||
    (section === '[Unit]' && ignored.has(key))
  );
}

/** Keys that both texts say something about, in the order of the second. */
export function sharedKeys(one: string, other: string): readonly string[] {
  const known = new Set(assignments(one).map(({ section, key }) => section + key));
  const keys = assignments(other)
    .filter(({ section, key }) => known.has(section + key) && !isIgnored(section, key))
    .map(({ key }) => key);
  return [...new Set(keys)];
}
