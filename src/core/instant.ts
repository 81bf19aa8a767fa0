// The one file of core that knows Date: as a calendar, and no clock. The time is passed in.

/** Milliseconds since 1970 as RFC 3339 has it, in UTC and to the second: `2026-11-26T14:00:00Z`. */
export function instant(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

/** And back; undefined for what is no moment. */
export function millisecondsAt(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text)) return undefined;
  const milliseconds = Date.parse(text);
  // 30 February would be 2 March.
  const isMoment = !Number.isNaN(milliseconds) && instant(milliseconds) === text;
  return isMoment ? milliseconds : undefined;
}
