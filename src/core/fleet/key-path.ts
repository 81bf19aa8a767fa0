/** The path of a key as ssh gets it: `~/` is the home of who runs vllmd, where that is known. */
export function expandedKeyPath(path: string, home: string | undefined): string {
  if (home === undefined || !path.startsWith('~/')) return path;
  return `${home.replace(/\/+$/, '')}${path.slice(1)}`;
}
