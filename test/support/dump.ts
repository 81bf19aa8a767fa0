import { spawnSync } from 'node:child_process';

/** What systemd has made of a unit: the lines that it prints of it, by their name. */
type Seen = ReadonlyMap<string, readonly string[]>;

/** Units below a root as systemd reads them, by name. It prints them where it is asked to debug itself. */
export function dumpOf(root: string, units: readonly string[]): ReadonlyMap<string, Seen> {
  const { stdout } = spawnSync(
    'systemd-analyze',
    ['verify', '--man=no', '--generators=no', `--root=${root}`, ...units],
    { encoding: 'utf8', env: { ...process.env, SYSTEMD_LOG_LEVEL: 'debug' }, maxBuffer: 2 ** 28 },
  );
  const parts = stdout.split(/^\t-> Unit (.*):$/m);
  const seen = new Map<string, Seen>();
  for (let at = 1; at < parts.length; at += 2) {
    seen.set(parts[at] ?? '', linesOf(parts[at + 1] ?? ''));
  }
  return seen;
}

function linesOf(text: string): Seen {
  const lines = new Map<string, string[]>();
  for (const [, name = '', value = ''] of text.matchAll(/^\t\t(\w+): (.*)$/gm)) {
    lines.set(name, [...(lines.get(name) ?? []), value]);
  }
  return lines;
}
