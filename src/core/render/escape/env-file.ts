import { withoutControlCharacters } from './without-control-characters.ts';

/** A value of an environment file that systemd (EnvironmentFile=) and a POSIX shell read alike. */
export function envValue(value: string | number): string {
  const text = withoutControlCharacters(String(value));
  if (/^[A-Za-z0-9_./:,@%+=-]*$/.test(text)) return text;
  return `"${text.replace(/["\\$`]/g, '\\$&')}"`;
}
