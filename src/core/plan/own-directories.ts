/** A runtime's directory, which holds its disk. */
export function isRuntimeDirectory(path: string): boolean {
  return runtimeOfDirectory(path) !== undefined;
}

export function runtimeOfDirectory(path: string): number | undefined {
  const index = /\/runtime-(\d+)$/.exec(path)?.[1];
  return index === undefined ? undefined : Number(index);
}

/** These are vllmd's by their name, also when they were moved here with a disk. */
export function isOwnDirectory(path: string): boolean {
  return isRuntimeDirectory(path) || /\/runtime-\d+\/cloud-init$/.test(path);
}
