/** For how long: `42 s`, `5 min`, `2 h 5 min`, `3 d 4 h`. */
export function age(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (days > 0) return `${days} d ${hours % 24} h`;
  if (hours > 0) return `${hours} h ${minutes % 60} min`;
  return minutes > 0 ? `${minutes} min` : `${seconds} s`;
}

/** In GiB; a decimal only where it says something. */
export function amount(bytes: number): string {
  const gib = bytes / 2 ** 30;
  return Number.isInteger(gib) || gib >= 100 ? String(Math.round(gib)) : gib.toFixed(1);
}

/** What somebody waits for, to the second: `42 s`, `1 min 12 s`. */
export function elapsed(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60 || seconds >= 3600) return age(milliseconds);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
