/** A place where a filesystem is mounted. */
export type Mount = { readonly point: string; readonly isReadOnly: boolean };

/** Out of /proc/self/mountinfo; the last one at a point covers those before it. */
export function parseMounts(mountinfo: string): readonly Mount[] {
  const mounts = new Map<string, Mount>();
  for (const line of mountinfo.split('\n')) {
    const [, , , , escaped, options, ...rest] = line.split(' ');
    if (escaped === undefined || options === undefined) continue;
    const ofFilesystem = rest[rest.indexOf('-') + 3] ?? '';
    const point = unescaped(escaped);
    mounts.set(point, { point, isReadOnly: [options, ofFilesystem].some(hasReadOnly) });
  }
  return [...mounts.values()];
}

function hasReadOnly(options: string): boolean {
  return options.split(',').includes('ro');
}

/** The mount that a path lies on; undefined where none is known. */
export function mountOf(path: string, mounts: readonly Mount[]): Mount | undefined {
  return mounts
    .filter(({ point }) => point === '/' || path === point || path.startsWith(`${point}/`))
    .toSorted((a, b) => b.point.length - a.point.length)[0];
}

/** A blank in a path is `\040`. */
export function unescaped(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
