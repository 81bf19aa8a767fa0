/** `6.8.0-45-generic` as `[6, 8]`; undefined for what is no release. */
export function parseKernelRelease(
  release: string,
): readonly [major: number, minor: number] | undefined {
  const [, major, minor] = /^(\d{1,3})\.(\d{1,4})/.exec(release) ?? [];
  return major === undefined ? undefined : [Number(major), Number(minor)];
}

/** `ID` and `ID_LIKE` of os-release(5), as far as it tells how packages are installed. */
export function parseDistribution(osRelease: string): 'debian' | 'fedora' | undefined {
  const ids = [...osRelease.matchAll(/^ID(?:_LIKE)?="?([^"\n]*)"?$/gm)].flatMap(([, words = '']) =>
    words.split(' '),
  );
  if (ids.some((id) => ['debian', 'ubuntu'].includes(id))) return 'debian';
  return ids.some((id) => ['fedora', 'rhel', 'centos'].includes(id)) ? 'fedora' : undefined;
}
