/**
 * Whether the locale says that the terminal has no more than ASCII: locale(7). Where no variable says anything, as in a
 * container or a unit, terminals of today draw lines all the same.
 */
export function isAsciiOnly(env: Readonly<Record<string, string | undefined>>): boolean {
  const { LC_ALL, LC_CTYPE, LANG } = env;
  const locale = [LC_ALL, LC_CTYPE, LANG].find((value) => value !== undefined && value !== '');
  return locale !== undefined && !/utf-?8/i.test(locale);
}
