const unitMs = { s: 1000, m: 60_000, h: 3_600_000 } as const;
/** Timers cannot wait for longer. */
const MAX_MS = 2 ** 31 - 1;

/** `90s`, `10m` or `2h`, and `90` as seconds, in milliseconds; undefined for what is no duration. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,9})([smh]?)$/.exec(text);
  if (match === null) return undefined;
  const unit = match[2] === 'm' || match[2] === 'h' ? match[2] : 's';
  const milliseconds = Number(match[1]) * unitMs[unit];
  return milliseconds > MAX_MS ? undefined : milliseconds;
}

/** Its two largest units: `45s`, `3m`, `2h 5m`. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  if (first === -1) return '0s';
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count}${unit}`)
    .join(' ');
}
