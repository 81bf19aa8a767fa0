import { readdirSync, readFileSync } from 'node:fs';

/**
 * Whether a process of a group still runs. One that has ended and that nobody has collected is none: the first process
 * of a container is handed those of others, and Node collects only its own.
 */
export function isGroupAlive(group: number): boolean {
  return readdirSync('/proc').some((name) => {
    if (!/^\d+$/.test(name)) return false;
    const [state, , pgrp] = statOf(name);
    return Number(pgrp) === group && state !== 'Z' && state !== 'X';
  });
}

/** What stands behind the name of a process in its `stat` (proc(5)): state, parent, group, and more. */
function statOf(pid: string): readonly string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch (error) {
    // It has ended meanwhile.
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ESRCH') return [];
    throw error;
  }
}
