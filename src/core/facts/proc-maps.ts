/** Files of /dev that a process has mapped, out of its /proc/PID/maps (proc(5)): the path is what follows five fields. */
export function mappedFiles(maps: string): readonly string[] {
  return maps.split('\n').flatMap((line) => /^(?:\S+\s+){5}(\/dev\/.*)$/.exec(line)?.[1] ?? []);
}
