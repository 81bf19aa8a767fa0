/** No date, and no number that is infinite, none, or too long to be one. */
export function isNumberText(text: string): boolean {
  return /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/.test(text);
}
