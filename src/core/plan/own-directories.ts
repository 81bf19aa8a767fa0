/** A runtime's directory, which holds its disk. */
export function isRuntimeDirectory(path: string): boolean {
  return /\/runtime-\d+$/.test(path);
}

/** These are vllmd's by their name, also when they were moved here with a disk. */
export function isOwnDirectory(path: string): boolean {
  return isRuntimeDirectory(path) || /\/runtime-\d+\/cloud-init$/.test(path);
}
