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
  const entries = new Map<string, string[]>();
  for (const { section, key, value } of texts.flatMap(assignmentsOf)) {
    if (isIgnored(section, key)) continue;
    const name = `${section}${key}`;
    // An empty value clears what was said before of a list.
    const before = value === '' ? [] : (entries.get(name) ?? []).filter((text) => text !== '');
    entries.set(name, [...before, value]);
  }
  return JSON.stringify([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}

type UnitAssignment = { readonly section: string; readonly key: string; readonly value: string };

/** Units of one template begin with the same text. */
let last: { readonly text: string; readonly found: readonly UnitAssignment[] } | undefined;

function assignmentsOf(text: string, position: number): readonly UnitAssignment[] {
  if (position > 0) return assignments(text);
  if (last?.text !== text) last = { text, found: assignments(text) };
  return last.found;
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
