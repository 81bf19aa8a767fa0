/** A runtime's directory, which holds its disk. */
export function isRuntimeDirectory(path: string): boolean {
  return runtimeOfDirectory(path) !== undefined;
}

export function runtimeOfDirectory(path: string): number | undefined {
  const index = /\/runtime-(\d+)$/.exec(path)?.[1];
  return index === undefined ? undefined : Number(index);
}

/** Files of a runtime's directory that the units make; they hold what the guest has written. */
export const DATA_FILES = ['disk.raw', 'disk.raw.new', 'seed.img', 'seed.img.new'] as const;

export function isDataPath(path: string): boolean {
  const cut = path.lastIndexOf('/');
  return (
    isRuntimeDirectory(path.slice(0, cut)) && DATA_FILES.some((name) => path.endsWith(`/${name}`))
  );
}

/** Of a runtime's directory and the one within it: others may not look into them. */
export const OWN_DIRECTORY_MODE = 0o750;

/** These are vllmd's by their name, also when they were moved here with a disk. */
export function isOwnDirectory(path: string): boolean {
  return isRuntimeDirectory(path) || /\/runtime-\d+\/cloud-init$/.test(path);
}

const SEED_FILES = ['meta-data', 'network-config', 'user-data', 'vendor-data'] as const;

/** What vllmd itself puts into a directory that is root's within one of the user's. */
export function ownNames(path: string): readonly string[] {
  return /\/runtime-\d+\/cloud-init$/.test(path) ? SEED_FILES : [];
}
