import { isOwnDirectory } from './own-directories.ts';

/** What vllmd writes itself: nobody but the owner can change it, and it gives nobody rights of its owner. */
export function isWrittenMode(mode: unknown): boolean {
  return typeof mode === 'number' && Number.isInteger(mode) && mode >= 0 && (mode & ~0o755) === 0;
}

/** What can have lain there before: of a file no bit that lends rights of its owner. */
export function isFoundMode(mode: unknown, type: 'file' | 'directory'): boolean {
  const all = type === 'file' ? 0o777 : 0o3777;
  return typeof mode === 'number' && Number.isInteger(mode) && mode >= 0 && (mode & ~all) === 0;
}

/** A user or group; the last number of all stands for none. */
export function isOwnerId(id: unknown): boolean {
  return typeof id === 'number' && Number.isInteger(id) && id >= 0 && id < 2 ** 32 - 1;
}

/** Links of vllmd enable units of its own. */
export function isEnablingTarget(target: unknown): boolean {
  return (
    typeof target === 'string' && /^\.\.\/vllmd[\w@:.-]*\.(service|slice|target)$/.test(target)
  );
}

const systems = /^\/(etc|usr|boot|dev|proc|sys|run|bin|sbin|lib\w*)(\/|$)/;

/** A directory that root's own programs read from: it is root's, whatever a record says. */
export function isSystemDirectory(path: string): boolean {
  return systems.test(path) && !isOwnDirectory(path);
}
